import { exitCode } from "../exit-codes.ts";
import { expiryOf, homeOf } from "./amounts.ts";
import { newSecret, passwordOptions } from "./secret-input.ts";
import type { Call, Verb } from "./verb.ts";
import type { UserView } from "../../lib/admin/users-panel.ts";

export const userAdd: Verb = {
  name: "user add",
  does: "add somebody who may sign in",
  args: [{ name: "NAME" }],
  options: [
    { name: "role", takes: "admin|user", doc: "what they may do in the house; user unless said" },
    { name: "group", takes: "NAME", doc: "a group they belong to; may be said again", many: true },
    { name: "home", takes: "BUCKET[/FOLDER]", doc: "where FTP, SFTP and SMB begin for them" },
    { name: "expires", takes: "WHEN", doc: "30d, 12h, 2027-01-31; never unless said" },
    ...passwordOptions,
  ],
  examples: [
    "user add mia --home projects/mia",
    "user add robot --generate --expires 30d --quiet",
    "user add bob --role admin --password-file - < password.txt",
  ],
  run: userAddNow,
};

async function userAddNow(call: Call): Promise<number> {
  const expiresAt = expiryOf(call.option("expires"));
  if (!expiresAt.ok) return call.refuse(expiresAt.fault);
  const secret = await newSecret(call);
  if (!secret.ok) return call.refuse(secret.fault);
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const { password, generated } = secret.value;
  const home = call.option("home");
  const added = await client.ask<UserView>("POST", "/users", {
    name: call.arg("NAME"),
    password,
    role: call.option("role") ?? "user",
    groups: call.options("group"),
    home: home === undefined ? null : homeOf(home),
    expiresAt: expiresAt.value,
  });
  if (!added.ok) return call.refuse(added.fault);
  call.print.answer({ ...added.value, ...(generated ? { password } : {}) }, () => {
    call.print.note(`${added.value.name} may sign in now`);
    if (home !== undefined && home !== "none")
      call.print.note(`let them in: holdfast grant add ${added.value.name} read,write,delete ${home}`);
    if (generated) call.print.line(call.print.look.quiet ? password : `password  ${password}`);
  });
  return exitCode.ok;
}
