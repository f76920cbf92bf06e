import { fail, type Result } from "../../lib/base/result.ts";
import type { User } from "../../lib/rules/identity.ts";
import type { Identities } from "../../lib/store/identities.ts";
import { mainTenant } from "../first-run.ts";

/** Asks the person for their one-time code; undefined: they would not say. */
export type AskCode = () => Promise<string | undefined>;

/** Passwords, and one-time codes of those who have them: asked for where the door can, and otherwise the last
 *  six digits of what was sent as the password. Faults: unauthenticated, for every reason alike; too-many. */
export async function checkWithCode(
  identities: Pick<Identities, "userNamed" | "needsCode" | "checkCode" | "checkPassword">,
  name: string,
  sent: string,
  ask: AskCode | undefined,
): Promise<Result<User>> {
  const named = await identities.userNamed(mainTenant, name);
  const coded = named.ok && (await identities.needsCode(named.value.id));
  if (!coded) return await identities.checkPassword(mainTenant, name, sent);
  const [password, code] = ask ? [sent, undefined] : [sent.slice(0, -6), sent.slice(-6)];
  const checked = await identities.checkPassword(mainTenant, name, password);
  if (!checked.ok) return checked;
  const said = code ?? (await ask?.()) ?? "";
  const right = await identities.checkCode(checked.value.id, said.trim());
  return right ? checked : fail("unauthenticated", "the user name or the password is wrong");
}
