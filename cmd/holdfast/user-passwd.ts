import { exitCode } from "../exit-codes.ts";
import { newSecret, passwordOptions } from "./secret-input.ts";
import type { Call, Verb } from "./verb.ts";

export const userPasswd: Verb = {
  name: "user passwd",
  does: "set somebody's password",
  args: [{ name: "NAME" }],
  options: passwordOptions,
  examples: ["user passwd admin", "user passwd robot --generate"],
  run: userPasswdNow,
};

async function userPasswdNow(call: Call): Promise<number> {
  const secret = await newSecret(call);
  if (!secret.ok) return call.refuse(secret.fault);
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const { password, generated } = secret.value;
  const name = call.arg("NAME");
  const changed = await client.ask("PATCH", `/users/${encodeURIComponent(name)}`, { password });
  if (!changed.ok) return call.refuse(changed.fault);
  call.print.answer({ name, ...(generated ? { password } : {}) }, () => {
    call.print.note(`the password of ${name} is changed`);
    if (generated) call.print.line(call.print.look.quiet ? password : `password  ${password}`);
  });
  return exitCode.ok;
}
