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
  readonly #tellClient: (client: string, event: GateEvent) => void;
  readonly #leases = new Map<string, { hold: Hold; node: object }>();

  /** `tellClient`: by the client's GUID, whose digits begin a lease's name. */
  constructor(later: Later, tellClient: (client: string, event: GateEvent) => void) {
    this.#later = later;
    this.#tellClient = tellClient;
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
    if (hold.breaking) {
      hold.breaking.required &= hold.reduced(to);
      return hold.breaking.ended;
    }
    const left = hold.reduced(to);
    if (left === hold.state) return undefined;
    const gone = leavingOf(hold);
    if (gone) return gone;
    const { promise, resolve } = Promise.withResolvers<void>();
    return this.#begin(hold, left, left, promise, resolve) ? promise : undefined;
  }

  /** True where an answer is awaited; else the client is told and that is all. */
  #begin(hold: Hold, to: number, required: number, ended: Promise<void>, resolve: () => void): boolean {
    const lost = hold.state & ~to;
    const wantsAck = (lost & (leaseState.write | leaseState.handle)) !== 0;
    this.#tell(hold, to, wantsAck);
    if (!wantsAck) {
      hold.state = to;
      return false;
    }
    const stop = this.#later(answerMs, () => this.#settle(hold, 0));
    const end = (): void => {
      stop();
      this.#further(hold, breaking.required, ended, resolve);
    };
    const breaking = { to, required, ended, end };
    hold.breaking = breaking;
    return true;
  }

  /** What was asked for meanwhile follows step by step: the handle first, then reading. */
  #further(hold: Hold, required: number, ended: Promise<void>, resolve: () => void): void {
    const wanted = hold.state & required;
    if (wanted === hold.state || hold.opens.size === 0) return resolve();
    const keepsHandle = (wanted & leaseState.handle) !== 0 || !hold.has(leaseState.handle);
    const to = keepsHandle ? wanted : hold.state & ~leaseState.handle;
    if (this.#begin(hold, to, required, ended, resolve)) return;
    this.#further(hold, required, ended, resolve);
  }

  /** The client's answer about an oplock. The status. */
  oplockAnswered(hold: Hold | undefined, level: number): number {
    if (!hold || hold.leaseKey) return ntStatus.invalidDeviceState;
    if (!hold.breaking) return ntStatus.invalidOplockProtocol;
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
    const [open] = hold.opens;
    if (!open) return;
    if (!hold.leaseKey) return open.tell(oplockNotice(open, to));
    this.#tellClient(hold.leaseName.slice(0, 32), this.#leaseNotice(hold, open, to, wantsAck));
  }

  #leaseNotice(hold: Hold, open: HoldingOpen, to: number, wantsAck: boolean): GateEvent {
    if (hold.version === 2) hold.epoch = (hold.epoch + 1) & 0xffff;
    const epoch = hold.version === 2 ? hold.epoch : 0;
    const notice = { epoch, wantsAck, key: hold.leaseKey!, from: hold.state, to };
    return { event: "lease-break", session: open.session, notice };
  }
}

/** Who is not there cannot answer: the handles go. Undefined where somebody is. */
function leavingOf({ opens }: Hold): Promise<void> | undefined {
  const away = [...opens].map((open) => open.away);
  if (away.length === 0 || away.includes(undefined)) return undefined;
  return Promise.all(away.map((one) => one!.leave())).then(() => undefined);
}

const oplockNotice = (open: HoldingOpen, to: number): GateEvent => ({
  event: "oplock-break",
  session: open.session,
  notice: { kind: "oplock", level: oplockOfBits(to), file: open.id },
});
