import type { AskOf, GateEvent } from "../../proto/smb/ask.ts";
import { closeOpen } from "./close.ts";
import { mayBeDurable } from "./durable.ts";
import type { SmbHouse } from "./house.ts";
import { mayWriteData, streamRoom, type Open, type Room } from "./open.ts";

/** The connection or session of a handle is gone without a word: one that was promised to outlive it waits
 *  for its client (MS-SMB2 §3.3.7.1), every other is closed. */
export async function leaveBehind(house: SmbHouse, open: Open): Promise<void> {
  if (!open.durable || !mayBeDurable(open) || open.hold?.breaking || open.node.deletePending) {
    await closeOpen(house, open, false);
    return;
  }
  setAway(house, open, open.durable.timeoutMs);
  await house.roomForAway();
  const { node } = open;
  const goesOn = [...node.opens].some((one) => !one.away && mayWriteData(one));
  if (goesOn || open.deleteOnClose) return;
  const published = await node.publish();
  if (!published.ok) await open.away?.leave();
}

/** From now on nobody is at the other end; after `waitMs` the handle is closed. */
export function setAway(house: SmbHouse, open: Open, waitMs: number): void {
  open.session = 0n;
  open.tree = 0;
  open.tell = () => {};
  open.node.locks.stopWaiting(open);
  let leaving: Promise<unknown> | undefined;
  const leave = async (): Promise<void> => {
    stop();
    house.cameBack(open);
    leaving ??= closeOpen(house, open, false);
    await leaving;
  };
  const stop = house.needs.later(waitMs, () => house.leaving(leave()));
  open.away = { leave, stop };
  house.wentAway(open);
}

/** Its client is there again, under a new volatile id. */
export function comeBack(
  house: SmbHouse,
  open: Open,
  room: Room,
  ask: AskOf<"create">,
  tell: (event: GateEvent) => void,
): void {
  open.away?.stop();
  open.away = undefined;
  house.cameBack(open);
  open.session = ask.session;
  open.tree = ask.tree;
  open.room = open.node.base ? streamRoom(room) : room;
  open.tell = tell;
  house.renumber(open);
}
