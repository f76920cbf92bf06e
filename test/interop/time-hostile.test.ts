/** The reference's list of bad input, at the wire: nothing stops the service, no datagram brings more than
 *  one
 *  back, no reply is larger than its request. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createSocket, type Socket as Udp } from "node:dgram";
import { connect, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { join } from "node:path";
import { establishKeys } from "../../cmd/utcd/establish-keys.ts";
import { seededEntropy } from "../../lib/base/entropy.ts";
import { must } from "../../lib/base/result.ts";
import { newQuestion } from "../../lib/proto/ntp/client.ts";
import { NtsAssociation } from "../../lib/proto/nts/client.ts";
import { startUtcd, type Utcd } from "./utcd.ts";

const running: { utcd?: Utcd } = {};
const port = (name: string): number => running.utcd!.ports[name]!;

beforeAll(async () => {
  running.utcd = await startUtcd({ flags: ["--ntp-rate-interval", "0s", "--time-udp"] });
});
afterAll(() => running.utcd?.[Symbol.asyncDispose]());

function plain(flags = 0x23): Uint8Array {
  const packet = new Uint8Array(48).fill(7, 40);
  packet[0] = flags;
  return packet;
}
const join2 = (...parts: readonly (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((part) => [...part]));

/** Sends each datagram from a socket of its own; what came back to each within `ms`. */
async function exchange(to: number, packets: readonly Uint8Array[], ms = 300): Promise<Buffer[][]> {
  const came: Buffer[][] = packets.map(() => []);
  const sockets: Udp[] = [];
  for (const [i, packet] of packets.entries()) {
    const socket = createSocket("udp4");
    sockets.push(socket);
    socket.on("message", (bytes: Buffer) => came[i]!.push(bytes));
    socket.on("error", () => {});
    socket.send(packet, to, "127.0.0.1");
  }
  await Bun.sleep(ms);
  for (const socket of sockets) socket.close();
  return came;
}

const answers = async (): Promise<boolean> => {
  for (let i = 0; i < 5; i++) {
    const [came] = await exchange(port("ntp"), [plain()], 200);
    if (came!.length === 1 && came![0]!.length === 48) return true;
  }
  return false;
};

const field = (type: number, length: number, body = 0): number[] => [
  type >> 8,
  type & 255,
  length >> 8,
  length & 255,
  ...Array<number>(body).fill(0),
];

/** Rows 1 to 23: datagrams that are dropped without a word. */
const dropped: readonly [row: string, packet: Uint8Array][] = [
  ["1", new Uint8Array(0)],
  ["2", plain().subarray(0, 1)],
  ["2", plain().subarray(0, 47)],
  ["3", join2(plain(), [0])],
  ["4", join2(plain(), [0, 0, 0, 0])],
  ["5", join2(plain(), [0, 0, 0, 9], new Uint8Array(16))],
  ["8", plain(0x03)],
  ["8", plain(0x2b)],
  ["8", plain(0x33)],
  ["8", plain(0x3b)],
  ["9", plain(0x20)],
  ["10", plain(0x21)],
  ["11", plain(0x22)],
  ["11", plain(0x24)],
  ["12", plain(0x25)],
  ["13", Uint8Array.of(0x16, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)],
  ["14", join2([0x17, 0, 3, 42], new Uint8Array(44))],
  ["14", join2([0x27, 0, 3, 42], new Uint8Array(188))],
  ["17", join2(plain(), field(0x0104, 0, 28))],
  ["17", join2(plain(), field(0x0104, 4, 28))],
  ["17", join2(plain(), field(0x0104, 12, 28))],
  ["18", join2(plain(), field(0x0104, 30, 28))],
  ["19", join2(plain(), field(0x0104, 64, 28))],
  ["19", join2(plain(), field(0x0104, 65_535, 28))],
  ["20", join2(plain(), ...Array.from({ length: 40 }, () => field(0x4000, 16, 12)), field(0x4000, 28, 24))],
  ["23", join2(plain(), new Uint8Array(65_507 - 48))],
];

test("rows 1 to 23: dropped in silence, and the next good request is answered", async () => {
  const came = await exchange(
    port("ntp"),
    dropped.map(([, packet]) => packet),
  );
  const spoken = came.flatMap((replies, i) => (replies.length > 0 ? [dropped[i]![0]] : []));
  expect(spoken).toEqual([]);
  expect(await answers()).toBe(true);
});

test("row 21: an unknown extension field is passed over, and the request answered", async () => {
  const [came] = await exchange(port("ntp"), [join2(plain(), field(0x7777, 28, 24))]);
  expect(came!.map(({ length }) => length)).toEqual([48]);
});

/** A genuine request under NTS, fresh each time. */
async function ntsRequests(count: number): Promise<Uint8Array[]> {
  const ca = await Bun.file(join(running.utcd!.data, "ca/house-ca.crt")).text();
  const entropy = seededEntropy(5);
  const requests: Uint8Array[] = [];
  while (requests.length < count) {
    const { keys, reply } = must(await establishKeys("127.0.0.1", port("ntske"), ca));
    const association = new NtsAssociation(keys, reply.cookies, entropy);
    for (let i = 0; i < 4 && requests.length < count; i++) {
      requests.push(newQuestion({ entropy, poll: 6, fields: association.next() }).bytes);
    }
  }
  return requests;
}

test("rows 27 to 39: NTS with bits turned, cut or repeated: at most one reply, never larger", async () => {
  const entropy = seededEntropy(11);
  const [good, ...more] = await ntsRequests(4);
  const sent = [good!, good!, ...more]; // row 39: a replay is answered
  const replies = await exchange(port("ntp"), sent);
  expect(replies.map((came) => came.map(({ length }) => length))).toEqual(sent.map(({ length }) => [length]));
  const mutated = Array.from({ length: 1500 }, (_, i) => {
    const packet = Uint8Array.from(more[i % more.length]!);
    const [a, b, cut] = entropy(3);
    packet[(a! * 256 + b!) % packet.length]! ^= 1 << (cut! & 7);
    return cut! < 40 ? packet.subarray(0, 48 + ((cut! * 4) % (packet.length - 48))) : packet;
  });
  const came = await exchange(port("ntp"), mutated, 800);
  const wrong = came.filter((list, i) => list.length > 1 || (list[0]?.length ?? 0) > mutated[i]!.length);
  expect(wrong).toEqual([]);
  expect(await answers()).toBe(true);
});

test("row 86: a storm of clients that are gone before their answer comes", async () => {
  for (let round = 0; round < 20; round++) {
    const sockets = Array.from({ length: 100 }, () => createSocket("udp4"));
    await Promise.all(
      sockets.map(
        (socket) =>
          new Promise<void>((done) =>
            socket.send(plain(), port("ntp"), "127.0.0.1", () => {
              socket.close();
              done();
            }),
          ),
      ),
    );
  }
  expect(await answers()).toBe(true);
});

test("rows 74 to 80: Roughtime that is short, torn or strange is not answered", async () => {
  const magic = Buffer.from("ROUGHTIM");
  const sized = (length: number, bytes: number): Uint8Array => {
    const packet = Buffer.alloc(bytes);
    magic.copy(packet);
    packet.writeUInt32LE(length, 8);
    return packet;
  };
  const many = sized(1024, 1036);
  many.set([0xff, 0xff, 0xff, 0xff], 12);
  const packets = [
    new Uint8Array(0),
    sized(4, 16),
    sized(500, 512),
    sized(9999, 1036),
    sized(1024, 1036),
    many,
    join2(new Uint8Array(1036)),
  ];
  const came = await exchange(port("roughtime"), packets);
  expect(came.map((list) => list.length)).toEqual(packets.map(() => 0));
});

/** Connects and waits until the other side ends; the milliseconds that took, at most 10 s. */
function endedAfter(to: number, begin: (socket: Socket) => void): Promise<number> {
  const started = performance.now();
  return new Promise((resolve) => {
    const socket = connect(to, "127.0.0.1", () => begin(socket));
    const end = (): void => {
      clearTimeout(patience);
      socket.destroy();
      resolve(performance.now() - started);
    };
    const patience = setTimeout(end, 10_000);
    socket.on("end", end);
    socket.on("close", end);
    socket.on("error", () => {});
    socket.resume();
  });
}

test("rows 42 to 47: key establishment that is idle, slow, of an older TLS or none is ended", async () => {
  const idle = endedAfter(port("ntske"), () => {});
  const slow = endedAfter(port("ntske"), (socket) => {
    const drip = setInterval(() => (socket.destroyed ? clearInterval(drip) : socket.write("\x16")), 500);
  });
  const noise = endedAfter(port("ntske"), (socket) => socket.write(Buffer.alloc(70_000, 0x41)));
  const times = await Promise.all([idle, slow, noise]);
  for (const ms of times) expect(ms).toBeLessThan(6000);
  const handshake = (how: object): Promise<string> =>
    new Promise((resolve) => {
      const tls = connectTls({ port: port("ntske"), host: "127.0.0.1", rejectUnauthorized: false, ...how });
      tls.on("error", (error: NodeJS.ErrnoException) => resolve(error.code ?? "error"));
      tls.on("close", () => resolve("closed"));
      tls.on("data", () => resolve("data"));
      setTimeout(() => resolve("silence"), 5000);
    });
  expect(await handshake({ maxVersion: "TLSv1.2" })).not.toMatch(/data|silence/);
  expect(await handshake({ ALPNProtocols: ["http/1.1"] })).not.toMatch(/data|silence/);
  expect(await handshake({})).not.toMatch(/data|silence/);
  expect((await ntsRequests(1)).length).toBe(1);
});

test("row 41: 10,000 idle connections for keys: a cap holds, time goes on, and keys come again", async () => {
  const sockets: Socket[] = [];
  for (let i = 0; i < 10_000; i++) {
    const socket = connect({
      port: port("ntske"),
      host: "127.0.0.1",
      localAddress: `127.0.${1 + (i % 200)}.1`,
    });
    socket.on("error", () => {});
    sockets.push(socket);
    if (i % 250 === 249) await Bun.sleep(5);
  }
  expect(await answers()).toBe(true);
  for (const socket of sockets) socket.destroy();
  await Bun.sleep(500);
  expect((await ntsRequests(1)).length).toBe(1);
  expect(await answers()).toBe(true);
});

test("row 43: without descriptors nothing new is accepted; when there are some again it is", async () => {
  await using poor = await startUtcd({ under: ["prlimit", "--nofile=160:160"] });
  const at = poor.ports["time"]!;
  const held = Array.from({ length: 300 }, (_, i) => {
    const socket = connect({ port: at, host: "127.0.0.1", localAddress: `127.0.2.${1 + (i % 200)}` });
    socket.on("error", () => {});
    return socket;
  });
  await Bun.sleep(500);
  const [came] = await exchange(poor.ports["ntp"]!, [plain()]);
  expect(came).toHaveLength(1);
  for (const socket of held) socket.destroy();
  await Bun.sleep(2500);
  expect(await endedAfter(at, () => {})).toBeLessThan(1000);
  expect(poor.said()).not.toContain("the process ends");
});

test("row 13: mode 6 is for this host's programs, and only where it is switched on", async () => {
  await using telling = await startUtcd({ flags: ["--ntp-control"] });
  await Bun.sleep(1200);
  const question = Uint8Array.of(0x16, 2, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0);
  const [came] = await exchange(telling.ports["ntp"]!, [question]);
  expect(came!.map((bytes) => bytes.toString("latin1"))).toEqual([expect.stringContaining("stratum=10")]);
});
