import { pathText } from "../../../base/path.ts";
import { ask, type DigestKind, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";

/** draft-bryan-ftpext-hash: the algorithms by their names there, the default first. */
export const hashNames: ReadonlyMap<string, DigestKind> = new Map([
  ["SHA-256", "sha256"],
  ["SHA-512", "sha512"],
  ["SHA-1", "sha1"],
  ["MD5", "md5"],
]);

/** What FEAT says after "HASH ": a star marks the one in use. */
export const hashFeature = (chosen: string): string =>
  [...hashNames.keys()].map((name) => `${name}${name === chosen ? "*" : ""}`).join(";");

/** "213 SHA-256 0-9 hex path"; RANG before it picks the part. */
export const hash = command("HASH", "<path>", tell);

function* tell(control: Control, argument: string): Flow {
  const path = control.pathOf(argument);
  if (!path.ok) return control.refuse(path.fault, 553);
  const found = yield* ask("stat", { path: path.value });
  if (!found.ok) return control.refuse(found.fault);
  if (found.value.kind === "folder") return control.reply(553, "That is a folder");
  const { from: start, until: end } = control.range ?? { from: 0, until: undefined };
  control.range = undefined;
  if (Math.min(found.value.size, end ?? found.value.size) - start > control.policy.digestBytes) {
    return control.reply(556, "Too much to read through; ask for a part with RANG");
  }
  const by = hashNames.get(control.hashName)!;
  const digest = yield* ask("digest", { path: path.value, by, start, end });
  if (!digest.ok) return control.refuse(digest.fault);
  const last = Math.max(start, digest.value.end - 1);
  return control.reply(
    213,
    `${control.hashName} ${start}-${last} ${digest.value.hex} ${pathText(path.value)}`,
  );
}
