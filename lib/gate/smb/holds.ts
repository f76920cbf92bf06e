import { leaseState } from "../../proto/smb/create-context.ts";
import type { GateEvent } from "../../proto/smb/ask.ts";
import { oplock } from "../../proto/smb/create.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { Hold, oplockOfBits, type HoldingOpen } from "./hold.ts";

/** How long a client may take to answer a break. */
const answerMs = 35_000;

/** Starts `run` after `ms`; what is given back stops that. */
export type Later = (ms: number, run: () => void) => () => void;

/** All leases by client and key, and the breaks under way. */
export class Holds {
  readonly #later: Later;
  readonly #leases = new Map<string, { hold: Hold; node: object }>();

  constructor(later: Later) {
    this.#later = later;
  }

  lease(name: string): { hold: Hold; node: object } | undefined {
    return this.#leases.get(name);
  }

  addLease(hold: Hold, node: object): void {
    this.#leases.set(hold.leaseName, { hold, node });
  }

  /** Takes `hold` down to what is in `to`. A promise where the client must answer first, resolved once it
   *  has, or is gone, or took too long. A hold that is breaking already is waited for. */
  break(hold: Hold, to: number): Promise<void> | undefined {
    if (hold.breaking) return hold.breaking.ended;
    const left = hold.reduced(to);
    const lost = hold.state & ~left;
    if (lost === 0) return undefined;
    const wantsAck = (lost & (leaseState.write | leaseState.handle)) !== 0;
    this.#tell(hold, left, wantsAck);
    if (!wantsAck) {
      hold.state = left;
      return undefined;
    }
    const { promise, resolve } = Promise.withResolvers<void>();
    const stop = this.#later(answerMs, () => this.#settle(hold, 0));
    const end = (): void => {
      stop();
      resolve();
    };
    hold.breaking = { to: left, ended: promise, end };
    return promise;
  }

  /** The same for who does not wait: after a break under way it goes further. */
  breakOnwards(hold: Hold, to: number): void {
    const before = hold.breaking;
    if (!before) return void this.break(hold, to);
    void before.ended.then(() => this.breakOnwards(hold, to));
  }

  /** The client's answer about an oplock. The status. */
  oplockAnswered(hold: Hold | undefined, level: number): number {
    if (!hold?.breaking || hold.leaseKey) return ntStatus.invalidDeviceState;
    const fits = level === oplock.none || (level === oplock.levelTwo && hold.breaking.to !== 0);
    this.#settle(hold, fits && level === oplock.levelTwo ? leaseState.read : 0);
    return fits ? ntStatus.success : ntStatus.invalidOplockProtocol;
  }

  /** The client's answer about a lease. The status. */
  leaseAnswered(name: string, state: number): number {
    const known = this.#leases.get(name);
    if (!known) return ntStatus.objectNameNotFound;
    const { hold } = known;
    if (!hold.breaking) return ntStatus.unsuccessful;
    if ((state & ~hold.breaking.to) !== 0) return ntStatus.requestNotAccepted;
    this.#settle(hold, state);
    return ntStatus.success;
  }

  /** A handle is gone; with its last one the hold. True then. */
  closed(hold: Hold, open: HoldingOpen): boolean {
    hold.opens.delete(open);
    if (hold.opens.size > 0) return false;
    this.#settle(hold, 0);
    if (this.#leases.get(hold.leaseName)?.hold === hold) this.#leases.delete(hold.leaseName);
    return true;
  }

  #settle(hold: Hold, state: number): void {
    const { breaking } = hold;
    hold.state = state;
    hold.breaking = undefined;
    breaking?.end();
  }

  #tell(hold: Hold, to: number, wantsAck: boolean): void {
    const open = [...hold.opens].at(-1);
    if (!open) return;
    open.tell(hold.leaseKey ? this.#leaseNotice(hold, open, to, wantsAck) : oplockNotice(open, to));
  }

  #leaseNotice(hold: Hold, open: HoldingOpen, to: number, wantsAck: boolean): GateEvent {
    if (hold.version === 2) hold.epoch = (hold.epoch + 1) & 0xffff;
    const epoch = hold.version === 2 ? hold.epoch : 0;
    const notice = { epoch, wantsAck, key: hold.leaseKey!, from: hold.state, to };
    return { event: "lease-break", session: open.session, notice };
  }
}

const oplockNotice = (open: HoldingOpen, to: number): GateEvent => ({
  event: "oplock-break",
  session: open.session,
  notice: { kind: "oplock", level: oplockOfBits(to), file: open.id },
});
