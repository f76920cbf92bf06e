import { fail, ok, type Result } from "../../lib/base/result.ts";
import { clientOf, ownerRefusal, socketsOf, type HouseClient } from "../house-client.ts";
import type { Call } from "./verb.ts";

/** The time daemon of the house. Faults: unavailable, denied. */
export async function timeHouse(call: Call): Promise<Result<HouseClient>> {
  const { data } = call;
  const socket = data === undefined ? undefined : socketsOf(data).find(({ name }) => name === "utcd");
  const refused = socket && ownerRefusal(data!);
  if (refused) return refused;
  const client = socket && (await clientOf(socket));
  if (client) return ok(client);
  return fail("unavailable", "the time daemon does not run here", {
    where: data,
    mend: "start it: holdfast up, or holdfast-utcd; or name its data directory with --data DIR",
  });
}
