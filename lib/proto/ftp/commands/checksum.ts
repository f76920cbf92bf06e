import { pathText } from "../../../base/path.ts";
import { ask, type DigestAsk, type DigestKind, type Flow, type FtpAnswer, type FtpAsk } from "../asks.ts";
import { command, type Command } from "../command.ts";
import type { Control } from "../control.ts";

/** HASH's elder cousins, nowhere standardised: "XCRC path", "XCRC path start end", `XCRC "a path" 0 9`.
 *  Answered by the bare hex that their clients look for. */
const elder = (verb: string, kind: DigestKind): Command =>
  command(verb, "<path> [start [end]]", (control, argument) => sum(control, kind, argument));

export const checksums: readonly Command[] = [
  elder("XCRC", "crc32"),
  elder("XMD5", "md5"),
  elder("XSHA", "sha1"),
  elder("XSHA1", "sha1"),
  elder("XSHA256", "sha256"),
  elder("XSHA512", "sha512"),
];

/** draft-twine-ftpmd5 §3.1. */
export const md5 = command("MD5", "<path>", tellMd5);

function* sum(control: Control, kind: DigestKind, argument: string): Flow {
  const { name, start, end } = readRange(argument);
  const path = control.pathOf(name);
  if (!path.ok) return control.refuse(path.fault, 550);
  const hex = yield* digest(control, { path: path.value, by: kind, start, end });
  return hex === undefined ? undefined : control.reply(250, kind === "crc32" ? hex.toUpperCase() : hex);
}

function* tellMd5(control: Control, argument: string): Flow {
  const path = control.pathOf(argument);
  if (!path.ok) return control.refuse(path.fault, 550);
  const hex = yield* digest(control, { path: path.value, by: "md5", start: 0, end: undefined });
  return hex === undefined ? undefined : control.reply(251, `${pathText(path.value)} ${hex}`);
}

/** The hex, or undefined where the refusal is said. */
function* digest(control: Control, asked: DigestAsk): Generator<FtpAsk, string | undefined, FtpAnswer> {
  const found = yield* ask("stat", { path: asked.path });
  if (!found.ok) return control.refuse(found.fault);
  if (found.value.kind === "folder") return control.reply(550, "That is a folder");
  const length = Math.min(found.value.size, asked.end ?? found.value.size) - asked.start;
  if (length > control.policy.digestBytes) return control.reply(556, "Too much to read through");
  const done = yield* ask("digest", asked);
  return done.ok ? done.value.hex : control.refuse(done.fault);
}

interface Range {
  readonly name: string;
  readonly start: number;
  readonly end: number | undefined;
}

/** Numbers at the end are a range only behind a name; a quoted name may hold blanks. */
function readRange(argument: string): Range {
  const quoted = /^"([^"]+)"(?: (\d{1,15})(?: (\d{1,15}))?)?$/.exec(argument);
  const match = quoted ?? /^(.+?)(?: (\d{1,15})(?: (\d{1,15}))?)?$/.exec(argument);
  const [, name = argument, start, end] = match ?? [];
  return { name, start: Number(start ?? 0), end: end === undefined ? undefined : Number(end) };
}
