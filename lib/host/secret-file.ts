import { randomBytes } from "node:crypto";
import { link, readFile, rename, rm, stat, writeFile } from "node:fs/promises";

/** The text of a file that only its owner may read; undefined where there is none. Throws where others
 *  may read it too. */
export async function readSecret(path: string): Promise<string | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  const { mode } = await stat(path);
  if (process.platform !== "win32" && (mode & 0o077) !== 0) {
    throw new Error(`${path} may be read by others than its owner; mend: chmod 600 ${path}`);
  }
  return text;
}

/** Writes a file that is there whole or not at all: written beside, flushed, then linked (the first of
 *  several writers wins) or renamed. */
export async function publishFile(
  path: string,
  text: string,
  how: "first-wins" | "replace",
  mode = 0o600,
): Promise<void> {
  const draft = `${path}.${process.pid}.${randomBytes(6).toString("hex")}`;
  await writeFile(draft, text, { mode, flag: "wx", flush: true });
  if (how === "replace") return await rename(draft, path);
  try {
    await link(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft, { force: true });
  }
}
