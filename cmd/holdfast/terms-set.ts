import { fail, ok, type Result } from "../../lib/base/result.ts";
import { readSize } from "../../lib/config/quantity.ts";
import { exitCode } from "../exit-codes.ts";
import { homeOf } from "./amounts.ts";
import type { Call, Verb } from "./verb.ts";

export const termsSet: Verb = {
  name: "terms set",
  does: "on what terms somebody uses FTP and SFTP, in place of those stated before",
  args: [{ name: "WHO" }],
  options: [
    {
      name: "hours",
      takes: "WHEN",
      doc: 'when they may sign in: "mon-fri 08:00-18:00 Europe/Vienna"',
      many: true,
    },
    { name: "network", takes: "NETWORK", doc: "from where: 192.0.2.0/24", many: true },
    { name: "sessions", takes: "N", doc: "how many at once" },
    { name: "download-rate", takes: "SIZE", doc: "bytes a second, of all their downloads" },
    { name: "upload-rate", takes: "SIZE", doc: "bytes a second, of all their uploads" },
    { name: "download-quota", takes: "SIZE/PERIOD", doc: "10GiB/day, /week or /month" },
    { name: "upload-quota", takes: "SIZE/PERIOD", doc: "10GiB/day, /week or /month" },
    { name: "folder", takes: "/PLACE=BUCKET[/FOLDER]", doc: "another place in their tree", many: true },
  ],
  examples: [
    "terms set everyone --sessions 10",
    "terms set group:guests --hours 08:00-18:00 --download-quota 1GiB/day",
    "terms set user:mia --folder /pub=public --upload-rate 10MiB",
  ],
  run: termsSetNow,
};

async function termsSetNow(call: Call): Promise<number> {
  const terms = termsSaid(call);
  if (!terms.ok) return call.refuse(terms.fault);
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const who = call.arg("WHO");
  const path = `/terms/${encodeURIComponent(/^(?:everyone$|user:|group:)/.test(who) ? who : `user:${who}`)}`;
  const set = await client.ask("PUT", path, terms.value);
  if (!set.ok) return call.refuse(set.fault);
  call.print.note(`stated; who is signed in keeps their folders until they come again`);
  return exitCode.ok;
}

function termsSaid(call: Call): Result<object> {
  const said: Record<string, unknown> = {};
  const [hours, networks, folders] = [call.options("hours"), call.options("network"), call.options("folder")];
  if (hours.length > 0) said["hours"] = hours;
  if (networks.length > 0) said["networks"] = networks;
  const sessions = call.option("sessions");
  if (sessions !== undefined) said["sessions"] = Number(sessions);
  const read: readonly [string, string, (text: string) => unknown][] = [
    ["download-rate", "downloadRate", readSize],
    ["upload-rate", "uploadRate", readSize],
    ["download-quota", "downloadQuota", allowanceOf],
    ["upload-quota", "uploadQuota", allowanceOf],
  ];
  for (const [option, field, parse] of read) {
    const text = call.option(option);
    const value = text === undefined ? undefined : parse(text);
    if (text !== undefined && value === undefined)
      return fail("invalid", `--${option} ${text} cannot be read`);
    if (value !== undefined) said[field] = value;
  }
  if (folders.length > 0) {
    const read = folders.map(folderOf);
    const wrong = read.indexOf(undefined);
    if (wrong >= 0) return fail("invalid", `--folder ${folders[wrong]} is not /PLACE=BUCKET[/FOLDER]`);
    said["folders"] = read;
  }
  return ok(said);
}

function allowanceOf(text: string): { bytes: number; per: string } | undefined {
  const [size = "", per = "", more] = text.split("/");
  const bytes = readSize(size);
  return bytes === undefined || per === "" || more !== undefined ? undefined : { bytes, per };
}

function folderOf(text: string): object | undefined {
  const [, at, target = ""] = /^(\/[^=]+)=(.+)$/.exec(text) ?? [];
  const place = homeOf(target);
  return at === undefined || place === null ? undefined : { at, ...place };
}
