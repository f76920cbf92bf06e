import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const userTotp: Verb = {
  name: "user totp",
  does: "ask somebody for one-time codes beside their password, at FTP and SFTP",
  args: [{ name: "NAME" }],
  options: [{ name: "off", doc: "the password alone suffices again" }],
  examples: ["user totp mia", "user totp mia --off"],
  run: userTotpNow,
};

async function userTotpNow(call: Call): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const path = `/users/${encodeURIComponent(call.arg("NAME"))}/second-factor`;
  if (call.flag("off")) {
    const removed = await client.ask("DELETE", path);
    if (!removed.ok) return call.refuse(removed.fault);
    call.print.note("the password alone suffices");
    return exitCode.ok;
  }
  const enrolled = await client.ask<{ secret: string; uri: string }>("POST", path);
  if (!enrolled.ok) return call.refuse(enrolled.fault);
  const { secret, uri } = enrolled.value;
  call.print.answer(enrolled.value, () => {
    call.print.note("shown now and never again; FTP clients send the password with the code behind it");
    call.print.line(`secret  ${secret}`);
    call.print.line(`uri     ${uri}`);
  });
  return exitCode.ok;
}
