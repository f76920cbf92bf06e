import { writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { BuildFacts } from "./facts.ts";
import { tool } from "./tool.ts";

/** Writes SHA256SUMS of `files` into `out`, and SHA256SUMS.asc where there is a key to sign with. */
export async function writeChecksums(
  out: string,
  files: readonly string[],
  facts: BuildFacts,
  key: string | undefined,
): Promise<void> {
  const lines = files.map(async (file) => `${await sha256Of(file)}  ${relative(out, file)}\n`);
  const sums = join(out, "SHA256SUMS");
  await writeFile(sums, (await Promise.all(lines)).sort().join(""));
  if (key !== undefined) await signDetached(sums, facts, key);
}

export async function sha256Of(file: string): Promise<string> {
  const hash = new Bun.CryptoHasher("sha256");
  for await (const chunk of Bun.file(file).stream()) hash.update(chunk);
  return hash.digest("hex");
}

/** Writes `file`.asc beside `file`, with a key of GnuPG's keyring (GNUPGHOME names another one). */
export async function signDetached(file: string, facts: BuildFacts, key: string): Promise<void> {
  const how = ["--batch", "--yes", "--armor", "--local-user", key];
  await tool(["gpg", ...how, "--detach-sign", "--output", `${file}.asc`, file], facts);
}
