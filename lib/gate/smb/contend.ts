import { leaseState } from "../../proto/smb/create-context.ts";
import { access } from "../../proto/smb/create.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import type { Hold } from "./hold.ts";
import type { Holds } from "./holds.ts";
import type { Handle, Node } from "./node.ts";
import { conflicts } from "./share-mode.ts";

/** An opener that is not in yet. */
export interface Comer {
  readonly access: number;
  readonly share: number;
  /** Its lease, "" for none: what carries the same name does not stand in its way. */
  readonly leaseName: string;
  /** It empties the file. */
  readonly replaces: boolean;
}

const looking = access.readAttributes | access.writeAttributes | access.synchronize;
/** A handle that sees neither data nor name asks nobody to give anything up; towards leases it may read the
 *  descriptor too. */
export const onlyLooks = (handle: { readonly access: number }, atLease = true): boolean =>
  (handle.access & ~(atLease ? looking | access.readControl : looking)) === 0;

/** Asks those who hold the file to make way (MS-FSA §2.1.4.12). A promise: wait for it and ask again; a
 *  status: the way cannot be cleared; undefined: come in. */
export function clearWay(holds: Holds, node: Node, comer: Comer): Promise<unknown> | number | undefined {
  const others = [...node.holds].filter(
    (hold) => comer.leaseName === "" || hold.leaseName !== comer.leaseName,
  );
  const rivals = [...node.opens].filter((open) => conflicts(open, comer));
  const absent = rivals.flatMap((open) => open.away ?? []);
  if (absent.length > 0) return Promise.all(absent.map((one) => one.leave()));
  if (rivals.length > 0) return giveWay(holds, others, rivals, comer.replaces);
  const waits: Promise<unknown>[] = [];
  for (const hold of others) {
    if (!comer.replaces && onlyLooks(comer, hold.leaseKey !== undefined)) continue;
    const writes = hold.has(leaseState.write) || [...hold.opens].every((open) => open.away);
    const to = comer.replaces ? 0 : ~leaseState.write;
    const broken = holds.break(hold, to);
    if (broken && writes) waits.push(broken);
  }
  return waits.length > 0 ? Promise.all(waits) : undefined;
}

/** Who stands in the way may keep the handle open only because it may: then it is asked to let go. */
function giveWay(
  holds: Holds,
  others: readonly Hold[],
  rivals: readonly Handle[],
  replaces: boolean,
): Promise<unknown> | number {
  const keeping = others.filter(
    (hold) => hold.has(leaseState.handle) && rivals.some((open) => open.hold === hold),
  );
  const waits = keeping
    .map((hold) => holds.break(hold, replaces ? 0 : ~leaseState.handle))
    .filter((wait) => wait !== undefined);
  return waits.length > 0 ? Promise.all(waits) : ntStatus.sharingViolation;
}

/** The bytes have changed under everybody: nobody else may go on reading from memory, and who shared reading
 *  by an oplock not even from their own. */
export function bytesChanged(holds: Holds, node: Node, own: Hold | undefined): void {
  for (const hold of node.holds) {
    const keeps = hold === own && (hold.leaseKey !== undefined || hold.has(leaseState.write));
    if (!keeps) void holds.break(hold, 0);
  }
}

/** The name is about to change: others let go of writing, then of the handle. */
export async function nameChanges(holds: Holds, node: Node, own: Hold | undefined): Promise<void> {
  for (const bit of [leaseState.write, leaseState.handle]) {
    const others = [...node.holds].filter((hold) => hold !== own && hold.has(bit));
    await Promise.all(others.map((hold) => holds.break(hold, ~bit) ?? Promise.resolve()));
  }
}
