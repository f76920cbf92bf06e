import { done, refused, type Outcome } from "../../proto/smb/ask.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { exportedKey, type NtlmProof } from "../../proto/spnego/ntlm-proof.ts";
import { signInRefusal, type User } from "../../rules/identity.ts";
import type { SmbNeeds } from "./needs.ts";
import type { SignInLimit } from "./sign-in-limit.ts";

/** Nobody's hash: an unknown user costs as much time as a wrong password. */
const nobody = new Uint8Array(16);

/** Whether the proof is that of a user who may sign in, told to the audit trail either way. */
export async function signIn(
  needs: SmbNeeds,
  limit: SignInLimit,
  proof: NtlmProof,
  address: string,
): Promise<Outcome<{ user: User; key: Uint8Array }>> {
  const who = [`${proof.user.toLowerCase()} from ${address}`, address];
  const told = (outcome: string): void => needs.told({ user: proof.user.slice(0, 64), address, outcome });
  if (!limit.allows(who)) {
    told("too-many");
    return refused(ntStatus.accountLockedOut);
  }
  const known = await needs.ntHash(proof.user);
  const key = exportedKey(proof, known.ok ? known.value.hash : nobody);
  if (!known.ok || !key) {
    limit.failed(who);
    told(known.ok || known.fault.code === "not-found" ? "unauthenticated" : known.fault.code);
    return refused(ntStatus.logonFailure);
  }
  limit.succeeded(who);
  const refusal = signInRefusal(known.value.user, needs.clock.wall());
  told(refusal === undefined ? "ok" : "denied");
  if (refusal !== undefined) return refused(ntStatus.accountDisabled);
  return done({ user: known.value.user, key });
}
