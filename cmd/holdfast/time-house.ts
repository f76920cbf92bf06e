import { fail, ok, type Result } from "../../lib/base/result.ts";
import { clientOf, ownerRefusal, type HouseClient } from "../house-client.ts";
import { ownerDoors } from "../owner-door.ts";
import type { Call } from "./verb.ts";

/** The time daemon of the house. Faults: unavailable, denied. */
export async function timeHouse(call: Call): Promise<Result<HouseClient>> {
  const { data } = call;
  const door = data === undefined ? undefined : ownerDoors(data).find(({ name }) => name === "utcd");
  const refused = door && ownerRefusal(data!);
  if (refused) return refused;
  const client = door && (await clientOf(door));
  if (client) return ok(client);
  return fail("unavailable", "the time daemon does not run here", {
    where: data,
    mend: "start it: holdfast up, or holdfast-utcd; or name its data directory with --data DIR",
  });
}
