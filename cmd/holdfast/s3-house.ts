import { fail, ok, type Result } from "../../lib/base/result.ts";
import { clientOf, type HouseClient } from "../house-client.ts";
import { ownerDoors } from "../owner-door.ts";
import type { Call } from "./verb.ts";

/** holdfast-s3d's own API: what only the object store knows. Faults: unavailable. */
export async function s3House(call: Call): Promise<Result<HouseClient>> {
  const door = call.data === undefined ? undefined : ownerDoors(call.data).find((one) => one.name === "s3d");
  const client = door && (await clientOf(door));
  if (client) return ok(client);
  return fail("unavailable", "holdfast-s3d does not run here", {
    where: call.data ?? "nowhere",
    mend: "start it: holdfast up; or name its data directory with --data DIR",
  });
}
