import { fail, ok, type Result } from "../../lib/base/result.ts";
import { resolve } from "node:path";
import { exitCode } from "../exit-codes.ts";
import { homeOf } from "./amounts.ts";
import type { Call, Verb } from "./verb.ts";

export const siteSet: Verb = {
  name: "site set",
  does: "what a virtual host of FTP is, in place of what it was",
  args: [{ name: "HOST" }],
  options: [
    { name: "address", takes: "ADDRESS", doc: "of this host, that means it too", many: true },
    { name: "certificate", takes: "FILE", doc: "PEM file it shows; the daemon's own unless said" },
    { name: "certificate-key", takes: "FILE", doc: "the key of it" },
    { name: "user", takes: "NAME|group:NAME", doc: "who may sign in; everybody unless said", many: true },
    { name: "root", takes: "BUCKET[/FOLDER]", doc: "where everybody begins; at home unless said" },
    { name: "greeting", takes: "TEXT", doc: "the first line a client reads" },
    { name: "welcome", takes: "TEXT", doc: "what is said to who has signed in" },
    { name: "sessions", takes: "N", doc: "how many at once" },
  ],
  examples: [
    "site set files.example.com --user group:staff --root projects",
    "site set ftp.example.net --address 192.0.2.7 --certificate net.pem --certificate-key net.key",
  ],
  run: siteSetNow,
};

async function siteSetNow(call: Call): Promise<number> {
  const said = siteSaid(call);
  if (!said.ok) return call.refuse(said.fault);
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const host = call.arg("HOST").toLowerCase();
  const set = await client.ask("PUT", `/sites/${encodeURIComponent(host)}`, said.value);
  if (!set.ok) return call.refuse(set.fault);
  call.print.note("it holds for who connects from now on");
  return exitCode.ok;
}

function siteSaid(call: Call): Result<object> {
  const said: Record<string, unknown> = { addresses: call.options("address") };
  const users = call.options("user");
  if (users.length > 0) said["users"] = users;
  const file = (text: string): string => resolve(text);
  const fields: readonly [string, string, (text: string) => unknown][] = [
    ["certificate", "certificate", file],
    ["certificate-key", "certificateKey", file],
    ["root", "root", homeOf],
    ["greeting", "greeting", (text) => text],
    ["welcome", "welcome", (text) => text],
    ["sessions", "sessions", Number],
  ];
  for (const [option, field, read] of fields) {
    const text = call.option(option);
    const value = text === undefined ? undefined : read(text);
    if (value === null || Number.isNaN(value)) return fail("invalid", `--${option} ${text} cannot be read`);
    if (value !== undefined) said[field] = value;
  }
  return ok(said);
}
