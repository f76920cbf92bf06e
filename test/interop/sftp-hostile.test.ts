// The daemon itself, on a socket, against unruly SSH and SFTP clients.
import { afterAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import ssh2, { type Channel, type Client } from "ssh2";
import { concat, utf8 } from "../../lib/base/bytes.ts";
import { openFlags, type Request } from "../../lib/proto/sftp/requests.ts";
import {
  framed,
  heardIn,
  initPacket,
  packed,
  requestPacket,
  type Heard,
} from "../../lib/proto/sftp/stage.ts";
import { startFtpd } from "./ftpd.ts";

const stack = new AsyncDisposableStack();
const house = stack.use(await startFtpd());
afterAll(() => stack.disposeAsync());
const port = house.ports["sftp"]!;
const host = "127.0.0.1";

/** What a raw connection hears until the server hangs up: "" where it goes on listening. */
function rawTalk(pieces: readonly (string | Uint8Array)[], ms = 3000): Promise<"closed" | "open"> {
  return new Promise((done) => {
    const socket = connect({ port, host });
    socket.on("error", () => {});
    socket.resume();
    const patience = setTimeout(() => (done("open"), socket.destroy()), ms);
    socket.on("close", () => (clearTimeout(patience), done("closed")));
    socket.once("connect", () => pieces.forEach((piece) => socket.write(piece)));
  });
}

const ident = "SSH-2.0-Trial\r\n";
/** An SSH packet before any keys: uint32 length | byte padding | payload | padding */
function packet(payload: Uint8Array, padding = 4 + ((8 - ((payload.length + 9) % 8)) % 8)): Uint8Array {
  const head = new Uint8Array(5);
  new DataView(head.buffer).setUint32(0, payload.length + padding + 1);
  head[4] = padding;
  return concat([head, payload, new Uint8Array(padding)]);
}

describe("before there are keys", () => {
  const first = (length: number): Uint8Array => {
    const bytes = new Uint8Array(16);
    new DataView(bytes.buffer).setUint32(0, length);
    return concat([utf8(ident), bytes]);
  };
  const rows: [string, readonly (string | Uint8Array)[]][] = [
    ["a banner without end", ["SSH-2.0-".padEnd(2000, "x")]],
    ["another version", ["SSH-1.5-old\r\n"]],
    ["a browser", ["GET / HTTP/1.1\r\nHost: x\r\n\r\n".repeat(20)]],
    ["a packet of no length", [first(0)]],
    ["a packet of four gigabytes", [first(0xffff_ffff)]],
    ["a packet of forty kilobytes", [first(40_000), new Uint8Array(40_000)]],
    [
      "padding longer than the packet",
      [ident, packet(Uint8Array.of(20), 250).slice(0, 8), new Uint8Array(400)],
    ],
    ["a service asked for before keys", [ident, packet(concat([Uint8Array.of(5), packed("ssh-userauth")]))]],
    ["keys exchanged out of nothing", [ident, packet(Uint8Array.of(21))]],
    [
      "a KEXINIT of nothing but ones",
      [ident, packet(concat([Uint8Array.of(20), new Uint8Array(30_000).fill(255)]))],
    ],
  ];
  for (const [name, pieces] of rows) {
    test(name, async () => expect(await rawTalk(pieces)).toBe("closed"));
  }
});

interface How {
  readonly username?: string;
  readonly password?: string;
  readonly algorithms?: object;
}

function dial(how: How = {}): Promise<Client> {
  const client = new ssh2.Client();
  stack.defer(() => client.end());
  return new Promise((yes, no) => {
    client.once("ready", () => yes(client));
    client.on("error", no);
    client.connect({ host, port, username: house.user, password: house.password, ...how });
  });
}

const refusedDial = (how: How): Promise<string> =>
  dial(how).then(
    () => "let in",
    (error: Error) => error.message,
  );

test("old algorithms are not spoken", async () => {
  for (const algorithms of [
    { serverHostKey: ["ssh-rsa"] },
    { serverHostKey: ["ssh-dss"] },
    { kex: ["diffie-hellman-group1-sha1"] },
    { cipher: ["aes128-cbc"] },
    { cipher: ["aes128-ctr"], hmac: ["hmac-sha1"] },
    { compress: ["zlib"] },
  ]) {
    expect([algorithms, await refusedDial({ algorithms })]).not.toEqual([algorithms, "let in"]);
  }
});

test("wrong passwords and unknown names are refused alike, and tries run out", async () => {
  const wrong = await refusedDial({ password: "wrong" });
  expect(await refusedDial({ username: "nobody", password: "wrong" })).toBe(wrong);
  const client = new ssh2.Client();
  let tries = 0;
  const over = new Promise((yes) => client.once("close", yes));
  client.on("error", () => {});
  const authHandler = (_: unknown, __: unknown, next: (how: object) => void): void => {
    tries++;
    next({ type: "password", username: house.user, password: `wrong ${tries}` });
  };
  client.connect({ host, port, username: house.user, authHandler });
  await over;
  expect(tries).toBeLessThanOrEqual(7);
});

test("the name may not change midway", async () => {
  const client = new ssh2.Client();
  const over = new Promise<string>((yes) => {
    client.once("ready", () => yes("let in"));
    client.once("close", () => yes("closed"));
  });
  client.on("error", () => {});
  let tries = 0;
  const authHandler = (_: unknown, __: unknown, next: (how: object) => void): void => {
    const first = tries++ === 0;
    next({ type: "password", username: first ? "other" : house.user, password: house.password });
  };
  client.connect({ host, port, username: house.user, authHandler });
  expect(await over).toBe("closed");
});

test("shells, commands, tunnels either way, and an eleventh channel", async () => {
  const client = await dial();
  const outcome = (ask: (then: (error: Error | undefined) => void) => void): Promise<boolean> =>
    new Promise((yes) => ask((error) => yes(error === undefined)));
  expect(await outcome((then) => client.shell(then))).toBe(false);
  expect(await outcome((then) => client.forwardOut(host, 1, host, 22, then))).toBe(false);
  expect(await outcome((then) => client.forwardIn(host, 0, then))).toBe(false);
  const opened: boolean[] = [];
  for (let i = 0; i < 12; i++) opened.push(await outcome((then) => client.subsys("sftp", then)));
  expect(opened.filter(Boolean).length).toBeLessThanOrEqual(10);
  expect(opened.at(-1)).toBe(false);
});

/** One SFTP channel, spoken by hand. */
class Desk {
  readonly channel: Channel;
  readonly #heard: Uint8Array[] = [];
  closed = false;
  #id = 100;

  constructor(channel: Channel) {
    this.channel = channel;
    channel.on("data", (bytes: Uint8Array) => this.#heard.push(bytes));
    channel.on("close", () => (this.closed = true));
    channel.on("error", () => {});
  }
  static async open(): Promise<Desk> {
    const client = await dial();
    return new Desk(
      await new Promise((yes, no) =>
        client.subsys("sftp", (error, channel) => (error ? no(error) : yes(channel))),
      ),
    );
  }
  static async begun(): Promise<Desk> {
    const desk = await Desk.open();
    desk.channel.write(initPacket());
    await desk.until(() => desk.heard.length === 1);
    return desk;
  }
  get heard(): Heard[] {
    return heardIn(this.#heard);
  }
  async until(holds: () => boolean, ms = 5000): Promise<void> {
    for (const end = performance.now() + ms; !holds(); await Bun.sleep(3)) {
      if (performance.now() > end) throw new Error("waited in vain");
    }
  }
  async ask(request: DistributiveOmit<Request, "id">): Promise<Heard> {
    const id = ++this.#id;
    this.channel.write(requestPacket({ id, ...request }));
    await this.until(() => this.heard.some((one) => one.id === id && one.type !== 2));
    return this.heard.find((one) => one.id === id && one.type !== 2)!;
  }
  async file(path: string, flags: number): Promise<Uint8Array> {
    const { handle } = await this.ask({ op: "open", path, flags, attributes: {} });
    return handle!;
  }
}
type DistributiveOmit<T, K extends string> = T extends unknown ? Omit<T, K> : never;

describe("packets that are no SFTP end the channel", () => {
  const closes = async (name: string, bytes: Uint8Array, begun = true): Promise<void> => {
    const desk = begun ? await Desk.begun() : await Desk.open();
    desk.channel.write(bytes);
    await desk.until(() => desk.closed).catch(() => {});
    expect([name, desk.closed]).toEqual([name, true]);
  };
  test("order and version", async () => {
    await closes("a request before INIT", requestPacket({ id: 1, op: "stat", path: "/" }), false);
    await closes("version 0", initPacket(0), false);
    await closes("a second INIT", initPacket());
    const desk = await Desk.open();
    desk.channel.write(framed(Uint8Array.of(1, 0, 0, 0, 99)));
    await desk.until(() => desk.heard.length === 1);
    expect(desk.heard[0]).toMatchObject({ type: 2, id: 3 });
  });
  test("lengths", async () => {
    await closes("length 0", new Uint8Array(4));
    await closes("length 2^32 - 1", Uint8Array.of(255, 255, 255, 255, 3));
    await closes("a name longer than its packet", framed(Uint8Array.of(17, 0, 0, 0, 1, 0, 0, 1, 0, 47)));
    await closes("no id", framed(Uint8Array.of(17, 0)));
  });
});

test("numbers and handles beyond reason are failures, and the channel goes on", async () => {
  const { read, write, create, exclusive } = openFlags;
  const desk = await Desk.begun();
  const handle = await desk.file("/h", write | create);
  const status = async (request: DistributiveOmit<Request, "id">): Promise<number | undefined> =>
    (await desk.ask(request)).status;
  expect(await status({ op: "write", handle, offset: 2 ** 62, data: utf8("x") })).toBe(4);
  expect(await status({ op: "write", handle, offset: 0, data: utf8("0123456789") })).toBe(0);
  expect(await status({ op: "fsetstat", handle, attributes: { size: 2 ** 62 } })).toBe(4);
  expect(await status({ op: "close", handle })).toBe(0);
  expect(await status({ op: "close", handle })).toBe(4);
  expect(await status({ op: "open", path: "/h", flags: 0, attributes: {} })).toBe(4);
  expect(await status({ op: "open", path: "/h", flags: write | exclusive, attributes: {} })).toBe(4);
  expect(await status({ op: "setstat", path: "/h", attributes: { size: 2 ** 53 } })).toBe(4);
  expect(await status({ op: "setstat", path: "/h", attributes: { owner: { user: 0, group: 0 } } })).toBe(3);
  expect(await status({ op: "extended", name: "nobody@knows", data: new Uint8Array(4) })).toBe(8);
  expect(await status({ op: "unknown", type: 77 })).toBe(8);
  const reading = await desk.file("/h", read);
  expect((await desk.ask({ op: "read", handle: reading, offset: 0, length: 0xffff_ffff })).data).toBe(
    "0123456789",
  );
  expect(await status({ op: "read", handle: reading, offset: 2 ** 62, length: 5 })).toBe(1);
  for (const forged of [utf8("????"), new Uint8Array(0), new Uint8Array(300), Uint8Array.of(0, 0, 0, 1)])
    expect(await status({ op: "read", handle: forged, offset: 0, length: 5 })).toBe(4);
  const numbers = new Uint8Array(24);
  const over = concat([packed(reading), numbers.subarray(0, 16), packed(reading), numbers.subarray(0, 8)]);
  expect(await status({ op: "extended", name: "copy-data", data: over })).toBe(4);
});

test("names lead nowhere else, and a newline in one does not reach FTP's listings", async () => {
  const desk = await Desk.begun();
  const { write, create } = openFlags;
  expect((await desk.ask({ op: "realpath", path: "../".repeat(1000) })).names).toEqual(["/"]);
  expect((await desk.ask({ op: "stat", path: "../../etc/passwd" })).status).toBe(2);
  expect([3, 4, 8]).toContain((await desk.ask({ op: "symlink", from: "../../etc", to: "/l" })).status!);
  const made = await desk.ask({ op: "open", path: "/a\nb", flags: write | create, attributes: {} });
  expect([2, 3, 4]).toContain(made.status!);
  expect([2, 4]).toContain(
    (await desk.ask({ op: "mkdir", path: `/${"y".repeat(300)}`, attributes: {} })).status!,
  );
});

test("ten thousand reads that nobody collects cost their share, and others go on", async () => {
  const desk = await Desk.begun();
  const { read, write, create } = openFlags;
  const handle = await desk.file("/big", write | create);
  const piece = new Uint8Array(200_000);
  for (let i = 0; i < 20; i++) await desk.ask({ op: "write", handle, offset: i * piece.length, data: piece });
  await desk.ask({ op: "close", handle });
  const reading = await desk.file("/big", read);
  desk.channel.pause();
  for (let i = 0; i < 10_000; i++) {
    const one = {
      id: i,
      op: "read",
      handle: reading,
      offset: (i * 1000) % 3_000_000,
      length: 200_000,
    } as const;
    desk.channel.write(requestPacket(one));
  }
  const other = await Desk.begun();
  expect((await other.ask({ op: "stat", path: "/big" })).attributes).toMatchObject({ size: 4_000_000 });
});

test("scp: lines that lie end it with a fatal answer", async () => {
  const client = await dial();
  const lie = (line: string): Promise<string> =>
    new Promise((yes, no) =>
      client.exec("scp -t /in", (error, channel) => {
        if (error) return no(error);
        let text = "";
        channel.on("data", (bytes: Buffer) => (text += bytes.toString("latin1")));
        channel.on("close", () => yes(text));
        channel.write(line);
        return undefined;
      }),
    );
  for (const line of ["C0644 -1 x\n", "C0644 5 ../x\n", "C0644 5 a/b\n", "C0644 5 ..\n", "Z\n", "C9 5 x\n"]) {
    expect([line, (await lie(line)).slice(0, 2)]).toEqual([line, "\0\u0002"]);
  }
});
