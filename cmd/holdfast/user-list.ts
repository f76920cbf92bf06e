import { exitCode } from "../exit-codes.ts";
import { whenText } from "./amounts.ts";
import { everyRow } from "./every-row.ts";
import type { Call, Verb } from "./verb.ts";
import type { UserView } from "../../lib/admin/users-panel.ts";

export const userList: Verb = {
  name: "user list",
  does: "who may sign in",
  args: [],
  options: [],
  examples: ["user list", "user list --json"],
  run: userListNow,
};

async function userListNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const users = await everyRow<UserView>(client, "/users");
  if (!users.ok) return call.refuse(users.fault);
  const rows = users.value.map((user) => [
    user.name,
    user.role,
    user.groups.join(" "),
    user.home ? `${user.home.bucket}/${user.home.prefix}` : "none",
    user.disabled ? "disabled" : whenText(user.expiresAt),
  ]);
  call.print.answer(users.value, () =>
    call.print.table(["NAME", "ROLE", "GROUPS", "HOME", "EXPIRES"], rows, "no users yet"),
  );
  return exitCode.ok;
}
