/** A disk that is full, read-only, or out of descriptors: each is a clear fault, nothing half is left, and
 *  what was there is readable. The disk is a small one in a namespace of its own, for which no privilege
 *  is needed. */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const unshared = ["unshare", "--map-root-user", "--mount"];
const can =
  process.platform === "linux" &&
  Bun.which("unshare") !== null &&
  Bun.spawnSync([...unshared, "mount", "-t", "tmpfs", "tmpfs", tmpdir()]).exitCode === 0;

test.if(can)("full, read-only, out of descriptors", async () => {
  const disk = mkdtempSync(join(tmpdir(), "holdfast-disk-"));
  try {
    const child = join(import.meta.dir, "files-disk-child.ts");
    const script = `mount -t tmpfs -o size=1m tmpfs "$1" && ulimit -n 128 && exec "$2" "$3" "$1"`;
    const command = [...unshared, "sh", "-c", script, "sh", disk, process.execPath, child];
    const run = Bun.spawnSync(command, { stdout: "pipe", stderr: "pipe" });
    expect(run.stderr.toString()).toBe("");
    expect(JSON.parse(run.stdout.toString())).toEqual({
      "posix: before": "ok",
      "posix: full": "no-space",
      "posix: old one after full": 300_000,
      "posix: small one after full": "ok",
      "posix: left over": ["a", "b"],
      "bucket: before": "ok",
      "bucket: full": "no-space",
      "bucket: old one after full": 300_000,
      "bucket: small one after full": "ok",
      "bucket: left over": ["a", "b"],
      "posix: read-only": "read-only",
      "posix: folder on read-only": "read-only",
      "posix: remove on read-only": "read-only",
      "posix: change on read-only": "read-only",
      "bucket: read-only": "read-only",
      "posix: reading on read-only": 300_000,
      "bucket: reading on read-only": 300_000,
      "posix: no descriptors": "too-many",
      "posix: stat without descriptors": "too-many",
      "posix: list without descriptors": "too-many",
      "posix: when they are back": 300_000,
    });
  } finally {
    rmSync(disk, { recursive: true });
  }
});
