import { fail, ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import type { Actor, User } from "../rules/identity.ts";
import type { Files } from "../store/files.ts";
import type { AuditTrail } from "../watch/audit.ts";
import type { TransferRow } from "../watch/transfer-line.ts";
import type { Log } from "../watch/log.ts";
import type { Direction, FileTally } from "./file-tally.ts";

/** What every door for files needs of the house. */
export interface FileDoorNeeds {
  /** One more session of the user; gives what ends it. Faults: too-many, denied (their terms of use). */
  admit(user: User, address: string): Result<() => void>;
  /** The user's own view. Faults: denied (no home), unavailable. */
  filesOf(actor: Actor, user: User): Promise<Result<Files>>;
  /** Undefined where nothing holds the user back. */
  pacer(user: User, direction: Direction): Pacer | undefined;
  /** A file was moved, wholly or not. */
  transferred(user: User, row: TransferRow): void;
  readonly audit: AuditTrail;
  readonly tally: FileTally;
  readonly log: Log;
  readonly clock: Clock;
}

/** How fast one connection may move bytes one way. */
export interface Pacer {
  /** What to move at once so that it goes smoothly. */
  readonly slice: number;
  /** Resolves when so many bytes may move. Faults: quota. */
  pass(bytes: number): Promise<Result<void>>;
}

/** Who signed in, and the view that is theirs. */
export interface SignedIn {
  readonly actor: Actor;
  readonly user: User;
  readonly files: Files;
  /** To be called once, at the end. */
  readonly leave: () => void;
}

export type From = Pick<Actor, "door" | "address" | "request">;

/** Lets a user in whose proof `checked` tells of, and opens their view. Every reason to refuse looks alike
 *  outside; the log and the audit trail know better. Faults: unauthenticated, too-many. */
export async function signIn(
  needs: FileDoorNeeds,
  name: string,
  from: From,
  checked: Result<User>,
): Promise<Result<SignedIn>> {
  if (!checked.ok) return refuse(needs, name, from, checked.fault.code);
  const user = checked.value;
  const actor: Actor = { principal: { kind: "user", user }, ...from };
  const admitted = needs.admit(user, from.address);
  if (!admitted.ok) return refuse(needs, name, from, admitted.fault.code);
  const leave = admitted.value;
  const files = await needs.filesOf(actor, user);
  if (!files.ok) {
    leave();
    needs.log.warn("no files for a user", { user: user.name, what: files.fault.what });
    return refuse(needs, name, from, files.fault.code);
  }
  needs.tally.login("ok");
  tell(needs, actor, user.name, "ok");
  needs.log.info("signed in", { user: user.name, peer: from.address, session: from.request });
  return ok({ actor, user, files: files.value, leave });
}

function refuse(needs: FileDoorNeeds, name: string, from: From, code: string): Result<never> {
  needs.tally.login(code);
  tell(needs, { principal: { kind: "anonymous" }, ...from }, name, code);
  needs.log.warn("sign-in refused", { user: name, peer: from.address, why: code, session: from.request });
  return fail(code === "too-many" ? "too-many" : "unauthenticated", "name or password is wrong");
}

function tell(needs: FileDoorNeeds, actor: Actor, target: string, outcome: string): void {
  needs.audit.tell({ at: needs.clock.wall(), actor, verb: "sign-in", target, outcome, detail: {} });
}
