import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readdirSync,
  rmSync,
  statfsSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { catalogTrouble } from "../../lib/store/catalog-check.ts";
import { firstRunFile } from "../first-run.ts";
import { bytesText } from "../../lib/base/amount-text.ts";
import { bad, good, look, type Finding } from "../../lib/watch/finding.ts";

/** Space, inodes, how long a write takes to be safe, and whether the catalog is whole. */
export async function checkDisk(data: string): Promise<Finding[]> {
  if (!existsSync(data)) return [look("data", `${data} does not exist yet`, "holdfast up makes it")];
  const disk = statfsSync(data);
  const free = disk.bavail * disk.bsize;
  const share = disk.bavail / Math.max(1, disk.blocks);
  const space = `${bytesText(free)} free (${Math.round(share * 100)} %) in ${data}`;
  const inodes = disk.files > 0 ? disk.ffree / disk.files : 1;
  return [
    share < 0.02 || free < 2 ** 28
      ? bad("disk space", space, "delete something, or move the data to a larger disk")
      : share < 0.1
        ? look("disk space", space, "think of more space")
        : good("disk space", space),
    inodes < 0.05
      ? bad(
          "inodes",
          `${Math.round(inodes * 100)} % free`,
          "each large object is a file: make room, or use a disk with more",
        )
      : good("inodes", `${Math.round(inodes * 100)} % free`),
    ...syncSpeed(data),
    ...catalog(data),
  ];
}

/** The median of a few small durable writes. */
function syncSpeed(data: string): Finding[] {
  const path = join(data, `.doctor-${process.pid}`);
  try {
    const file = openSync(path, "wx", 0o600);
    const times = Array.from({ length: 9 }, () => {
      const begun = performance.now();
      writeSync(file, "x".repeat(4096));
      fsyncSync(file);
      return performance.now() - begun;
    }).sort((a, b) => a - b);
    closeSync(file);
    const ms = times[4]!;
    const text = `a durable write takes ${ms.toFixed(1)} ms`;
    return [
      ms > 50
        ? look("fsync", text, "uploads wait for it: a disk with its own cache battery, or an SSD, helps")
        : good("fsync", text),
    ];
  } catch (error) {
    return [
      bad(
        "fsync",
        `the data directory cannot be written: ${(error as NodeJS.ErrnoException).code}`,
        "run as its owner; mount it writable",
      ),
    ];
  } finally {
    rmSync(path, { force: true });
  }
}

function catalog(data: string): Finding[] {
  const path = join(data, "catalog.db");
  if (!existsSync(path)) return [];
  const trouble = catalogTrouble(data);
  return trouble === undefined
    ? [good("catalog", `whole, ${bytesText(statSync(path).size)}`)]
    : [bad("catalog", trouble, "stop the daemons and restore a backup; run doctor as the owner of the data")];
}

const secrets = ["master.key", "first-run.json", "audit/key", "catalog.db"];

/** Files that hold secrets are for their owner alone. */
export async function checkPermissions(data: string): Promise<Finding[]> {
  if (!existsSync(data)) return [];
  const ca = existsSync(join(data, "ca")) ? readdirSync(join(data, "ca")) : [];
  const paths = [...secrets, ...ca.filter((name) => name.endsWith(".pem")).map((name) => `ca/${name}`)];
  const open = paths
    .map((name) => join(data, name))
    .filter((path) => existsSync(path) && (statSync(path).mode & 0o077) !== 0);
  const folder = (statSync(data).mode & 0o007) !== 0;
  if (folder) return [bad("permissions", `everybody may look into ${data}`, `chmod 0700 ${data}`)];
  if (open.length === 0) return [good("permissions", "keys are for their owner alone")];
  return [bad("permissions", `others may read ${open.join(", ")}`, `chmod 0600 ${open.join(" ")}`)];
}

export async function checkFirstRun(data: string): Promise<Finding[]> {
  const file = firstRunFile(data);
  if (!existsSync(file)) return [good("credentials", "the first ones are not lying about")];
  return [
    look("credentials", `the first administrator's are still in ${file}`, `note them, then: rm ${file}`),
  ];
}
