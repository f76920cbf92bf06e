/** A daemon that does nothing but what every daemon does: for the tests of boot. */
import { boot } from "../../cmd/boot.ts";
import { duration, endpoint } from "../../lib/config/field.ts";
import { section } from "../../lib/config/section.ts";
import { listenTcp } from "../../lib/host/tcp.ts";

const timeSection = section("time", "The trial's service.", {
  listen: endpoint({ default: "127.0.0.1:37", doc: "Where clients connect." }),
  idle: duration({ default: "10m", reload: "live", doc: "How long a silent client stays." }),
});

async function main(): Promise<number> {
  const house = await boot("utcd", [timeSection], process.argv.slice(2));
  await using leave = house.leave;
  const { config, log } = house;
  const listener = await listenTcp(config.time.listen, (socket) => ({ leave: () => socket.destroy() }), {
    log,
  });
  leave.defer(() => listener.stop(0));
  house.onReload(({ time }, changed) => log.info("took over", { idle: time.idle, what: changed.join(" ") }));
  house.ready({ time: listener.endpoint });
  if (process.env["TRIAL"] === "reject") void Promise.reject(new Error("nobody caught me"));
  if (process.env["TRIAL"] === "stay") leave.defer(() => Bun.sleep(60_000));
  return await house.stopped;
}
process.exit(await main());
