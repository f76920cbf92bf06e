import * as fs from "node:fs";
import type { Entropy } from "../base/entropy.ts";
import { randomText } from "../base/ids.ts";
import { joined } from "./posix-names.ts";

/** What is being written where the system has no nameless files, and for an instant everywhere, has a name of
 *  this form beside the name it shall have. Such names are nobody's: not shown, not opened. */
const pattern = /^\.holdfast-[0-9a-z]{16}\.part$/;
const staleMs = 24 * 3600 * 1000;

export const draftName = (entropy: Entropy): string => `.holdfast-${randomText(entropy, 16)}.part`;
export const isDraftName = (name: string): boolean => pattern.test(name);

/** Takes away drafts that nobody has written to for a day: a crash left them. */
export function sweepDrafts(folder: string, names: readonly string[], nowMs: number): void {
  for (const name of names) {
    const path = joined(folder, Buffer.from(name));
    const stat = fs.lstatSync(path, { throwIfNoEntry: false });
    if (stat?.isFile() && nowMs - stat.mtimeMs > staleMs) fs.rmSync(path, { force: true });
  }
}

/** Removes a folder; drafts in it go with it, and who writes them is told when they close.
 *  Throws the system's error. */
export function removeFolderAndDrafts(path: Buffer): void {
  try {
    fs.rmdirSync(path);
  } catch (error) {
    const names = fs.lstatSync(path).isDirectory() ? fs.readdirSync(path) : [];
    if (names.length === 0 || !names.every(isDraftName)) throw error;
    for (const name of names) fs.rmSync(joined(path, Buffer.from(name)), { force: true });
    fs.rmdirSync(path);
  }
}
