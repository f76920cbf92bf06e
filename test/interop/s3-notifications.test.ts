import { afterAll, beforeAll, expect } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort, patiently, startPeer, type Started } from "./daemon-peer.ts";
import { apt, needs, run } from "./peers.ts";
import { startS3d, type S3d } from "./s3d.ts";

interface Message {
  readonly Event?: string;
  readonly EventName?: string;
  readonly Records?: readonly {
    readonly eventName: string;
    readonly s3: {
      readonly configurationId: string;
      readonly bucket: { readonly name: string };
      readonly object: { readonly key: string; readonly size?: number; readonly sequencer: string };
    };
  }[];
}

/** A webhook that keeps what it is told, and refuses or fails as long as it is asked to. */
const heard: { messages: Message[]; status: number } = { messages: [], status: 200 };
const house: { s3d: S3d; hook: ReturnType<typeof Bun.serve>; redis: Started; nats: Started; dir: string } =
  {} as never;

beforeAll(async () => {
  house.dir = await mkdtemp(join(tmpdir(), "holdfast-notify-"));
  house.hook = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const message = (await request.json()) as Message;
      if (request.headers.get("authorization") !== "Bearer open-sesame")
        return new Response("", { status: 401 });
      if (heard.status === 200) heard.messages.push(message);
      return new Response("", { status: heard.status });
    },
  });
  const [redis, nats] = [freePort(), freePort()];
  if (Bun.which("redis-server"))
    house.redis = await startPeer(
      ["redis-server", "--port", String(redis), "--save", "", "--dir", house.dir],
      redis,
    );
  if (Bun.which("nats-server"))
    house.nats = await startPeer(["nats-server", "-a", "127.0.0.1", "-p", String(nats)], nats);
  const targets = [
    `hook=http://127.0.0.1:${house.hook.port}/events#token=open-sesame`,
    `list=redis://127.0.0.1:${redis}/events`,
    `stream=redis://127.0.0.1:${redis}/flow#mode=stream`,
    `bus=nats://127.0.0.1:${nats}/bucket.events`,
  ];
  house.s3d = await startS3d(["--notify-targets", targets.join(","), "--notify-give-up-after", "5m"]);
});
afterAll(async () => {
  await house.s3d[Symbol.asyncDispose]();
  await house.hook.stop(true);
  await house.redis?.end();
  await house.nats?.end();
  await rm(house.dir, { recursive: true, force: true });
});

const test = needs(
  apt("aws", "awscli"),
  apt("redis-server"),
  apt("redis-cli", "redis-tools"),
  apt("nats-server"),
);

async function aws(...words: string[]): Promise<string> {
  const done = await house.s3d.run(["aws", "--endpoint-url", house.s3d.endpoint, "s3api", ...words]);
  if (done.code !== 0) throw new Error(done.err);
  return done.out;
}

const arn = (name: string): string => `arn:aws:sqs:us-east-1:000000000000:${name}`;
const asked = (bucket: string, configuration: unknown): Promise<string> =>
  aws(
    "put-bucket-notification-configuration",
    "--bucket",
    bucket,
    "--notification-configuration",
    JSON.stringify(configuration),
  );
const rule = (name: string, Events: string[], rules: [string, string][] = []) => ({
  Id: `to-${name}`,
  QueueArn: arn(name),
  Events,
  Filter: { Key: { FilterRules: rules.map(([Name, Value]) => ({ Name, Value })) } },
});
const told = (): string[] =>
  heard.messages.flatMap(({ Event, Records = [] }) =>
    Event === undefined ? Records.map((one) => `${one.eventName} ${one.s3.object.key}`) : [Event],
  );

test("a webhook is told of what happens, by rule, in order, and again after it failed", async () => {
  await aws("create-bucket", "--bucket", "told");
  const filter: [string, string][] = [
    ["prefix", "in/"],
    ["suffix", ".txt"],
  ];
  const events = ["s3:ObjectCreated:*", "s3:ObjectRemoved:*", "s3:ObjectTagging:Put"];
  await asked("told", { QueueConfigurations: [rule("hook", events, filter)] });
  await patiently(() => expect(told()).toEqual(["s3:TestEvent"]));
  const kept = JSON.parse(await aws("get-bucket-notification-configuration", "--bucket", "told")) as object;
  expect(JSON.stringify(kept)).toContain(arn("hook"));
  const put = (key: string) => aws("put-object", "--bucket", "told", "--key", key, "--body", "/etc/hostname");
  await put("in/a b.txt");
  await put("out/a.txt");
  await put("in/a.csv");
  const tags = ["--tagging", "TagSet=[{Key=a,Value=b}]"];
  await aws("put-object-tagging", "--bucket", "told", "--key", "in/a b.txt", ...tags);
  await aws("copy-object", "--bucket", "told", "--key", "in/c.txt", "--copy-source", "told/out/a.txt");
  await aws("delete-object", "--bucket", "told", "--key", "in/c.txt");
  const all = [
    "s3:TestEvent",
    "ObjectCreated:Put in/a+b.txt",
    "ObjectTagging:Put in/a+b.txt",
    "ObjectCreated:Copy in/c.txt",
    "ObjectRemoved:Delete in/c.txt",
  ];
  await patiently(() => expect(told()).toEqual(all));
  heard.status = 503;
  await put("in/late.txt");
  await Bun.sleep(300);
  heard.status = 200;
  await put("in/later.txt");
  await patiently(() =>
    expect(told().slice(-2)).toEqual(["ObjectCreated:Put in/late.txt", "ObjectCreated:Put in/later.txt"]),
  );
}, 600_000);

test("what is refused goes to the dead letters, and is sent again when asked", async () => {
  await aws("create-bucket", "--bucket", "dead");
  await asked("dead", { QueueConfigurations: [rule("hook", ["s3:ObjectCreated:*"])] });
  await patiently(() => expect(told().at(-1)).toBe("s3:TestEvent"));
  const before = told().length;
  heard.status = 400;
  await aws("put-object", "--bucket", "dead", "--key", "unwanted", "--body", "/etc/hostname");
  const holdfast = async (...words: string[]): Promise<string> => {
    const main = join(import.meta.dir, "../../cmd/holdfast/main.ts");
    return (await run([process.execPath, "--no-env-file", main, ...words, "--data", house.s3d.data])).out;
  };
  await patiently(async () => expect(await holdfast("delivery", "dead")).toContain("it answered 400"));
  expect(await holdfast("delivery", "list")).toContain("notify:hook");
  heard.status = 200;
  expect(await holdfast("delivery", "retry", "notify:hook")).toContain("1 waiting again");
  await patiently(() => expect(told().slice(before)).toEqual(["ObjectCreated:Put unwanted"]));
}, 600_000);

test("Redis has the events in a list and in a stream, NATS hands them to who listens", async () => {
  const port = house.redis.port;
  const redis = async (...words: string[]) => (await run(["redis-cli", "-p", String(port), ...words])).out;
  await aws("create-bucket", "--bucket", "many");
  const listening = listenNats(house.nats.port, "bucket.events");
  await listening.ready;
  const names = ["list", "stream", "bus"].map((name) => rule(name, ["s3:ObjectCreated:*"]));
  await asked("many", { QueueConfigurations: names });
  await aws("put-object", "--bucket", "many", "--key", "x", "--body", "/etc/hostname");
  await patiently(async () => {
    expect(await redis("LLEN", "events")).toBe("2\n");
    expect(await redis("LINDEX", "events", "1")).toContain("ObjectCreated:Put");
    expect(await redis("XLEN", "flow")).toBe("2\n");
    expect(listening.said()).toContain('"eventName":"ObjectCreated:Put"');
  });
  listening.end();
}, 600_000);

test("what cannot be is refused: unknown targets, unknown events, EventBridge", async () => {
  await aws("create-bucket", "--bucket", "refused");
  const no = async (configuration: unknown, code: string): Promise<void> => {
    expect(asked("refused", configuration)).rejects.toThrow(code);
  };
  await no({ QueueConfigurations: [rule("nobody", ["s3:ObjectCreated:*"])] }, "InvalidArgument");
  await no({ QueueConfigurations: [rule("hook", ["s3:Nonsense"])] }, "InvalidArgument");
  await no({ EventBridgeConfiguration: {} }, "NotImplemented");
}, 600_000);

/** The least of a NATS client that listens. */
function listenNats(port: number, subject: string) {
  const said: string[] = [];
  const socket = Bun.connect({
    hostname: "127.0.0.1",
    port,
    socket: {
      data(open, chunk) {
        said.push(chunk.toString());
        if (chunk.toString().startsWith("INFO")) {
          open.write(`CONNECT {"verbose":false}\r\nSUB ${subject} 1\r\nPING\r\n`);
        }
      },
    },
  });
  const ready = patiently(() => expect(said.join("")).toContain("PONG"));
  return { ready, said: () => said.join(""), end: () => void socket.then((open) => open.end()) };
}
