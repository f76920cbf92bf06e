import { expect, test as plain } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { amqpTarget } from "../../cmd/s3d/targets/amqp.ts";
import { freePort, startPeer } from "./daemon-peer.ts";
import { apt, needs, run } from "./peers.ts";

/** A broker takes half a minute to start and to end: with HOLDFAST_LONG=1. */
const test = process.env["HOLDFAST_LONG"] ? needs(apt("rabbitmq-server"), apt("curl")) : plain.skip;

/** The broker itself, not Debian's script around it, which changes the user. */
const server = "/usr/lib/rabbitmq/bin/rabbitmq-server";

test("RabbitMQ confirms what a queue has, returns what none takes, and is waited for", async () => {
  const dir = await mkdtemp(join(tmpdir(), "holdfast-amqp-"));
  const [port, dist, epmd, http] = [freePort(), freePort(), freePort(), freePort()];
  const env = {
    HOME: dir,
    RABBITMQ_NODENAME: `t${port}@localhost`,
    RABBITMQ_NODE_IP_ADDRESS: "127.0.0.1",
    RABBITMQ_NODE_PORT: String(port),
    RABBITMQ_DIST_PORT: String(dist),
    ERL_EPMD_PORT: String(epmd),
    ERL_EPMD_ADDRESS: "127.0.0.1",
    RABBITMQ_MNESIA_BASE: join(dir, "data"),
    RABBITMQ_LOG_BASE: join(dir, "log"),
    RABBITMQ_CONF_ENV_FILE: join(dir, "none"),
    RABBITMQ_ENABLED_PLUGINS_FILE: join(dir, "plugins"),
    RABBITMQ_CONFIG_FILE: join(dir, "rabbit.conf"),
  };
  await Bun.write(join(dir, "plugins"), "[rabbitmq_management].\n");
  await Bun.write(join(dir, "rabbit.conf"), `management.tcp.port = ${http}\nmanagement.tcp.ip = 127.0.0.1\n`);
  const address = (key: string) => ({
    name: "q",
    url: new URL(`amqp://guest:guest@127.0.0.1:${port}/`),
    options: new URLSearchParams({ key }),
    ca: undefined,
  });
  try {
    using early = amqpTarget(address("events"));
    expect((await early.send("{}")).kind).toBe("unreachable");
    const broker = await startPeer([server], port, env);
    try {
      const api = `http://guest:guest@127.0.0.1:${http}/api/queues/%2F/events`;
      const json = ["-H", "content-type: application/json"];
      const patience = ["--retry", "40", "--retry-delay", "1", "--retry-all-errors"];
      const put = ["-X", "PUT", "-d", '{"durable":true}', api];
      const made = await run(["curl", "-sf", ...patience, ...json, ...put]);
      expect(made.code).toBe(0);
      expect(await early.send('{"first":1}')).toEqual({ kind: "sent" });
      expect(await early.send(JSON.stringify({ long: "x".repeat(300_000) }))).toEqual({ kind: "sent" });
      using stray = amqpTarget(address("nobody"));
      expect(await stray.send("{}")).toMatchObject({ kind: "refused" });
      const ask = '{"count":2,"ackmode":"ack_requeue_false","encoding":"auto"}';
      const got = await run(["curl", "-sf", ...json, "-d", ask, `${api}/get`]);
      const bodies = (JSON.parse(got.out) as { payload: string }[]).map(({ payload }) => payload.length);
      expect(bodies).toEqual([11, 300_011]);
    } finally {
      await broker.end();
      await run(["epmd", "-port", String(epmd), "-kill"]);
    }
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}, 600_000);
