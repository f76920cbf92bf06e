import { open, readdir } from "node:fs/promises";
import { compareUtf8 } from "../lib/base/bytes.ts";
import { processEnvironment } from "../lib/config/environment.ts";
import type { ConfigSource } from "../lib/config/source.ts";

/** Configuration files on the disk, and the process's environment. */
export function diskSource(): ConfigSource {
  return { read, list, environment: processEnvironment() };
}

async function read(path: string, limitBytes: number): Promise<string | undefined> {
  const file = await open(path).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  });
  if (!file) return undefined;
  try {
    const { size } = await file.stat();
    if (size > limitBytes) throw new Error(`it has ${size} bytes, over ${limitBytes}`);
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

async function list(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.sort(compareUtf8);
}
