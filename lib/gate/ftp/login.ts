import { fail, ok, type Result } from "../../base/result.ts";
import type { Account } from "../../proto/ftp/asks.ts";
import { houseActor, type Actor, type User } from "../../rules/identity.ts";
import type { Files } from "../../store/files.ts";
import type { FtpNeeds } from "./needs.ts";

/** Who signed in, and the view that is theirs. */
export interface SignedIn {
  readonly actor: Actor;
  readonly user: User;
  readonly files: Files;
  /** To be called once, at the end. */
  readonly leave: () => void;
}

/** Checks name and password and opens the user's view. Every reason to refuse looks alike outside; the log
 *  and the audit trail know better. Faults: unauthenticated, too-many. */
export async function signIn(
  needs: FtpNeeds,
  who: { readonly user: string; readonly password: string },
  from: Pick<Actor, "address" | "request">,
): Promise<Result<{ account: Account; signedIn: SignedIn }>> {
  const checked = await needs.checkPassword(who.user, who.password, from.address);
  if (!checked.ok) return refuse(needs, who.user, from, checked.fault.code);
  const user = checked.value;
  const actor: Actor = { principal: { kind: "user", user }, door: "ftp", ...from };
  const admitted = needs.admit(user);
  if (!admitted.ok) return refuse(needs, who.user, from, admitted.fault.code);
  const leave = admitted.value;
  const files = await needs.filesOf(actor, user);
  if (!files.ok) {
    leave();
    needs.log.warn("no files for a user", { user: user.name, what: files.fault.what });
    return refuse(needs, who.user, from, files.fault.code);
  }
  needs.tally.login("ok");
  tell(needs, actor, user.name, "ok");
  needs.log.info("signed in", { user: user.name, peer: from.address, session: from.request });
  return ok({ account: { user: user.name }, signedIn: { actor, user, files: files.value, leave } });
}

function refuse(
  needs: FtpNeeds,
  name: string,
  from: Pick<Actor, "address" | "request">,
  code: string,
): Result<never> {
  needs.tally.login(code);
  tell(needs, { ...houseActor, principal: { kind: "anonymous" }, door: "ftp", ...from }, name, code);
  needs.log.warn("sign-in refused", { user: name, peer: from.address, why: code, session: from.request });
  return fail(code === "too-many" ? "too-many" : "unauthenticated", "name or password is wrong");
}

function tell(needs: FtpNeeds, actor: Actor, target: string, outcome: string): void {
  needs.audit.tell({ at: needs.clock.wall(), actor, verb: "sign-in", target, outcome, detail: {} });
}
