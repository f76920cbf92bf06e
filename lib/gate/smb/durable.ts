import { contextName, leaseState, type CreateContext } from "../../proto/smb/create-context.ts";
import { durable2GrantBytes, durableGrantBytes, type DurableAsk } from "../../proto/smb/durable-context.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import type { Durable, Open } from "./open.ts";

const minuteMs = 60_000;
/** What Windows does: §3.3.5.9.6 and §3.3.5.9.10 leave it to the server. */
const waits = { firstMs: 16 * minuteMs, secondMs: minuteMs, mostMs: 5 * minuteMs };

/** Promises durability to a handle that another's open would first ask to give way: a batch oplock or a lease
 *  on the handle. What to tell the client; undefined where nothing is promised. */
export function grantDurable(asked: DurableAsk, open: Open): CreateContext | undefined {
  if (asked.kind !== "new" || !mayBeDurable(open)) return undefined;
  open.durable = durableFor(asked);
  return grantContext(open.durable);
}

export const mayBeDurable = ({ node, hold, durable }: Open): boolean =>
  !node.isFolder && (durable?.resilient === true || hold?.has(leaseState.handle) === true);

/** FSCTL_LMR_REQUEST_RESILIENCY (MS-SMB2 §2.2.31.3: timeout u32 in ms, reserved u32). The status. */
export function requestResiliency(open: Open, input: Uint8Array): number {
  if (input.length < 8) return ntStatus.invalidParameter;
  const asked = new DataView(input.buffer, input.byteOffset).getUint32(0, true);
  if (asked > waits.mostMs) return ntStatus.invalidParameter;
  const timeoutMs = asked === 0 ? waits.secondMs : asked;
  open.durable = { version: open.durable?.version ?? 1, timeoutMs, resilient: true };
  return ntStatus.success;
}

function durableFor({ version, timeoutMs }: Extract<DurableAsk, { kind: "new" }>): Durable {
  if (version === 1) return { version, timeoutMs: waits.firstMs, resilient: false };
  const waitMs = timeoutMs === 0 ? waits.secondMs : Math.min(timeoutMs, waits.mostMs);
  return { version, timeoutMs: waitMs, resilient: false };
}

export const grantContext = ({ version, timeoutMs }: Durable): CreateContext =>
  version === 1
    ? { name: contextName.durable, data: durableGrantBytes() }
    : { name: contextName.durable2, data: durable2GrantBytes(timeoutMs) };
