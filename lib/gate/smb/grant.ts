import { leaseFlag, leaseState, type Lease } from "../../proto/smb/create-context.ts";
import { oplock } from "../../proto/smb/create.ts";
import { onlyLooks } from "./contend.ts";
import { asLease, bitsOfOplock, Hold, oplockOfBits, type HoldingOpen } from "./hold.ts";
import type { Holds } from "./holds.ts";
import type { Handle, Node } from "./node.ts";

type Opened = Handle & HoldingOpen;

/** Gives the new handle the oplock it asks for, or less. The level. */
export function grantOplock(node: Node, open: Opened, level: number): number {
  let bits = grantable(node, open, bitsOfOplock(level), "");
  if ([...node.holds].some((hold) => hold.leaseKey && hold.has(leaseState.handle))) bits = 0;
  const granted = oplockOfBits(bits);
  if (granted === oplock.none) return granted;
  const hold = new Hold(bitsOfOplock(granted));
  hold.opens.add(open);
  open.hold = hold;
  node.holds.add(hold);
  return granted;
}

/** The same for a lease: a new one, or more of the one that the client has. What to answer. */
export function grantLease(holds: Holds, node: Node, open: Opened, asked: Lease, name: string): Lease {
  const known = holds.lease(name)?.hold;
  const hold = known ?? newLease(holds, node, open, asked, name);
  hold.opens.add(open);
  open.hold = hold;
  if (known && !known.breaking) upgrade(node, open, known, asked.state);
  return leaseOf(hold, asked);
}

/** What a lease is now, as the answer to who asked for it. */
export function leaseOf(hold: Hold, asked: Lease): Lease {
  const parent = asked.flags & leaseFlag.parentKey;
  return {
    version: hold.version,
    key: asked.key,
    state: hold.state,
    flags: (hold.breaking ? leaseFlag.breaking : 0) | (hold.version === 2 ? parent : 0),
    parentKey: parent && hold.version === 2 ? asked.parentKey : new Uint8Array(16),
    epoch: hold.epoch,
  };
}

function newLease(holds: Holds, node: Node, open: Opened, asked: Lease, name: string): Hold {
  let bits = asLease(grantable(node, open, asLease(asked.state), name));
  if ([...node.holds].some((hold) => !hold.leaseKey)) bits &= ~leaseState.handle;
  const epoch = asked.version === 2 ? (asked.epoch + 1) & 0xffff : 0;
  const hold = new Hold(bits, { key: Uint8Array.from(asked.key), name, version: asked.version, epoch });
  node.holds.add(hold);
  holds.addLease(hold, node);
  return hold;
}

/** Only to something that holds all it had and more. */
function upgrade(node: Node, open: Opened, hold: Hold, asked: number): void {
  const wanted = asLease(asked);
  if ((wanted & hold.state) !== hold.state || wanted === hold.state) return;
  const bits = asLease(grantable(node, open, wanted, hold.leaseName));
  if (bits !== wanted) return;
  hold.state = bits;
  if (hold.version === 2) hold.epoch = (hold.epoch + 1) & 0xffff;
}

/** Nobody writes alone beside others, and nobody reads from memory what others have locked. */
function grantable(node: Node, open: Opened, wanted: number, leaseName: string): number {
  if (node.isFolder) return 0;
  const isOwn = (one: Handle): boolean =>
    one === open || (leaseName !== "" && one.hold?.leaseName === leaseName);
  const others = [...node.opens].filter((one) => !isOwn(one) && !(onlyLooks(one) && !one.hold));
  if (others.some((one) => one.hold?.has(leaseState.write))) return 0;
  const alone = others.length > 0 ? wanted & ~leaseState.write : wanted;
  return node.locks.isFree ? alone : alone & ~leaseState.read;
}
