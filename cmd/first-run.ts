import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../lib/base/time.ts";
import type { Entropy } from "../lib/base/entropy.ts";
import { randomText } from "../lib/base/ids.ts";
import { ok, type Result } from "../lib/base/result.ts";
import type { Log } from "../lib/watch/log.ts";
import type { Credentials } from "./credentials.ts";
import { writeWhole } from "./readiness.ts";

/** Makes the first administrator's credentials, or reads those of an earlier start. */
export function firstRun(house: {
  readonly data: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
}): Promise<Result<Credentials>> {
  const file = join(house.data, "first-run.json");
  try {
    return Promise.resolve(ok(JSON.parse(readFileSync(file, "utf8")) as Credentials));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
  const credentials: Credentials = {
    user: "admin",
    password: randomText(house.entropy, 20),
    accessKeyId: `AKIA${randomText(house.entropy, 16).toUpperCase()}`,
    secretAccessKey: randomText(house.entropy, 40),
    token: "",
  };
  writeWhole(file, `${JSON.stringify(credentials, undefined, 2)}\n`, 0o600);
  return Promise.resolve(ok(credentials));
}
