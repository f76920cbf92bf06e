import { exitCode } from "../exit-codes.ts";
import { expiryOf, homeOf } from "./amounts.ts";
import type { Call, Verb } from "./verb.ts";
import type { UserView } from "../../lib/admin/users-panel.ts";

export const userChange: Verb = {
  name: "user change",
  does: "change what somebody is: role, groups, home, expiry; disable and enable",
  args: [{ name: "NAME" }],
  options: [
    { name: "role", takes: "admin|user", doc: "what they may do in the house" },
    {
      name: "group",
      takes: "NAME",
      doc: "the groups they belong to from now on; may be said again",
      many: true,
    },
    { name: "home", takes: "BUCKET[/FOLDER]", doc: "where the file doors begin; none closes them" },
    { name: "expires", takes: "WHEN", doc: "30d, 2027-01-31, never" },
    { name: "disable", doc: "may not sign in until enabled again" },
    { name: "enable", doc: "may sign in again" },
  ],
  examples: ["user change mia --disable", "user change mia --home projects/mia --expires never"],
  run: userChangeNow,
};

async function userChangeNow(call: Call): Promise<number> {
  const expires = call.option("expires");
  const expiresAt = expiryOf(expires);
  if (!expiresAt.ok) return call.refuse(expiresAt.fault);
  const role = call.option("role");
  const home = call.option("home");
  const groups = call.options("group");
  const change = {
    ...(role === undefined ? {} : { role }),
    ...(home === undefined ? {} : { home: homeOf(home) }),
    ...(groups.length === 0 ? {} : { groups }),
    ...(expires === undefined ? {} : { expiresAt: expiresAt.value }),
    ...(call.flag("disable") ? { disabled: true } : call.flag("enable") ? { disabled: false } : {}),
  };
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const path = `/users/${encodeURIComponent(call.arg("NAME"))}`;
  const changed = await client.ask<UserView>("PATCH", path, change);
  if (!changed.ok) return call.refuse(changed.fault);
  call.print.answer(changed.value, () => call.print.note(`${changed.value.name} is changed`));
  return exitCode.ok;
}
