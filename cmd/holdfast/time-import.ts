import { existsSync, readFileSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { stringify } from "yaml";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { importChrony } from "../../lib/config/foreign/chrony.ts";
import type { Imported } from "../../lib/config/foreign/imported.ts";
import { importNtpConf } from "../../lib/config/foreign/ntp-conf.ts";
import { importSimpleUtcd } from "../../lib/config/foreign/simple-utcd.ts";
import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";

export const timeImport: Verb = {
  name: "time import",
  does: "turn a chrony.conf, an ntp.conf or simple-utcd's configuration into ours",
  args: [{ name: "FILE" }],
  options: [
    { name: "as", takes: "chrony|ntp|simple-utcd", doc: "what the file is, where its name does not say" },
    { name: "out", takes: "FILE", doc: "write it there, and never over another file; else it is shown" },
  ],
  examples: ["time import /etc/chrony/chrony.conf", "time import /etc/ntp.conf --out utcd.yaml"],
  run: convert,
};

const readers: Readonly<Record<string, (text: string) => Result<Imported>>> = {
  chrony: (text) => ok(importChrony(text)),
  ntp: (text) => ok(importNtpConf(text)),
  "simple-utcd": importSimpleUtcd,
};

const longest = 1 << 20;

async function convert(call: Call): Promise<number> {
  const path = call.arg("FILE");
  const text = readText(path);
  if (!text.ok) return call.refuse(text.fault);
  const kind = call.option("as") ?? kindOf(path, text.value);
  const read = Object.hasOwn(readers, kind) ? readers[kind]! : undefined;
  if (!read) return call.refuse({ code: "invalid", what: `there is no kind ${kind}`, mend: "see --help" });
  const imported = read(text.value);
  if (!imported.ok) return call.refuse({ ...imported.fault, where: path });
  const { settings, notes } = imported.value;
  const head = `# Made from ${basename(path)} (${kind}) by holdfast time import.\n`;
  const yaml = head + stringify(settings, { lineWidth: 0 });
  const out = call.option("out");
  if (out !== undefined && existsSync(out)) {
    return call.refuse({ code: "exists", what: "there is a file already", where: out, mend: "name another" });
  }
  if (out !== undefined) await writeFile(out, yaml, { flag: "wx", mode: 0o640 });
  call.print.answer({ kind, settings, notes }, () => {
    if (out === undefined) call.print.line(yaml.trimEnd());
    for (const { line, said, what } of notes)
      call.print.note(line > 0 ? `# line ${line}: ${said}: ${what}` : `# ${said}${said ? ": " : ""}${what}`);
    if (out !== undefined)
      call.print.note(`written: ${out}; look at it with holdfast-utcd --check --config ${out}`);
  });
  return exitCode.ok;
}

function readText(path: string): Result<string> {
  try {
    const text = readFileSync(path, "utf8");
    return text.length <= longest ? ok(text) : fail("too-large", "it is longer than 1 MiB", { where: path });
  } catch (cause) {
    return fail("not-found", `the file cannot be read: ${(cause as Error).message}`, { where: path });
  }
}

/** By the file's name, or by words that only one of them has. */
function kindOf(path: string, text: string): string {
  const name = basename(path).toLowerCase();
  if (name.includes("chrony")) return "chrony";
  if (name.includes("utcd")) return "simple-utcd";
  if (name.startsWith("ntp")) return "ntp";
  if (/^\s*(?:makestep|rtcsync|allow|cmdport|leapsectz)\b/m.test(text)) return "chrony";
  if (/^\s*(?:restrict|fudge|tinker|tos|statsdir|filegen)\b/m.test(text)) return "ntp";
  return /\b(?:listen_port|upstream_servers|reference_clock)\b/.test(text) ? "simple-utcd" : "chrony";
}
