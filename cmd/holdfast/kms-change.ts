import type { RingKeyView } from "../../lib/admin/ring-keys-panel.ts";
import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

/** The four verbs that change a key of the ring, and differ in what they ask. */
const verb = (
  word: "rotate" | "enable" | "disable" | "retire",
  does: string,
  ask: (path: string) => readonly [method: "POST" | "PATCH", path: string, body?: unknown],
): Verb => ({
  name: `kms ${word}`,
  does,
  args: [{ name: "KEY" }],
  options: [],
  examples: [`kms ${word} payroll`],
  run: async (call) => changeNow(call, ask),
});

export const kmsRotate = verb(
  "rotate",
  "seal under a new version of a key, and what is there again in the background",
  (path) => ["POST", `${path}/rotate`, {}],
);
export const kmsEnable = verb("enable", "let a disabled or retired key seal and open again", (path) => [
  "PATCH",
  path,
  { state: "enabled" },
]);
export const kmsDisable = verb(
  "disable",
  "let a key neither seal nor open: its objects cannot be read",
  (path) => ["PATCH", path, { state: "disabled" }],
);
export const kmsRetire = verb("retire", "let a key open what it sealed, and seal nothing new", (path) => [
  "PATCH",
  path,
  { state: "retired" },
]);

async function changeNow(
  call: Call,
  ask: (path: string) => readonly [method: "POST" | "PATCH", path: string, body?: unknown],
): Promise<number> {
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const path = `/kms/keys/${encodeURIComponent(call.arg("KEY"))}`;
  const changed = await client.ask<RingKeyView>(...ask(path));
  if (!changed.ok) return call.refuse(changed.fault);
  const { id, alias, state, version, pending } = changed.value;
  call.print.answer(changed.value, () =>
    call.print.record([
      ["key", alias === null ? id : `${id} (${alias})`],
      ["state", state],
      ["version", String(version)],
      ["to be sealed again", String(pending)],
    ]),
  );
  return exitCode.ok;
}
