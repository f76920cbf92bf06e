import * as fs from "node:fs";
import { ok, type Result } from "../base/result.ts";
import { errnoResult } from "./posix-errno.ts";

export type Done<T> = (error: NodeJS.ErrnoException | null, value?: T) => void;

/** One call of the file system, its error as a fault. */
export function call<T = void>(run: (done: Done<T>) => void): Promise<Result<T>> {
  return new Promise((settle) => {
    run((error, value) => settle(error ? errnoResult(error) : ok(value as T)));
  });
}

/** All of `bytes` at `offset`. */
export async function writeAll(fd: number, offset: number, bytes: Uint8Array): Promise<Result<void>> {
  for (let at = 0; at < bytes.length;) {
    const from = at;
    const wrote = await call<number>((done) =>
      fs.write(fd, bytes, from, bytes.length - from, offset + from, done),
    );
    if (!wrote.ok) return wrote;
    at += wrote.value;
  }
  return ok();
}

/** `length` bytes from `offset`; fewer only at the end. */
export async function readSome(fd: number, offset: number, length: number): Promise<Result<Uint8Array>> {
  const into = new Uint8Array(length);
  let filled = 0;
  while (filled < length) {
    const from = filled;
    const got = await call<number>((done) => fs.read(fd, into, from, length - from, offset + from, done));
    if (!got.ok) return got;
    if (got.value === 0) break;
    filled += got.value;
  }
  return ok(into.subarray(0, filled));
}
