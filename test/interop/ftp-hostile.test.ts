// The daemon itself, on a socket, against what clients without manners say on the control connection.
import { afterAll, describe, expect, test } from "bun:test";
import { connect } from "node:net";
import { utf8 } from "../../lib/base/bytes.ts";
import { FtpCaller } from "./ftp-caller.ts";
import { startFtpd } from "./ftpd.ts";
import { apt, needs } from "./peers.ts";

const stack = new AsyncDisposableStack();
const house = stack.use(await startFtpd("--guard-ban-threshold", "5", "--guard-ban-exempt", ""));
afterAll(() => stack.disposeAsync());

const port = house.ports["ftp"]!;
const call = (): FtpCaller => stack.use(new FtpCaller(port));
const signedIn = (): Promise<FtpCaller> => call().signIn(house.user, house.password);

/** Each line with the codes that answer it, one after another on one connection. */
async function talk(caller: FtpCaller, rows: readonly (readonly [string, number])[]): Promise<void> {
  const told: [string, number][] = [];
  for (const [line] of rows) told.push([line, await caller.code(line)]);
  expect(told).toEqual(rows.map(([line, code]) => [line, code]));
}

describe("lines", () => {
  test("too long: one answer, and the tail is never run", async () => {
    const caller = await signedIn();
    caller.heard = "";
    caller.say(`NOOP ${"x".repeat(5000)}`).say(`DELE x${"y".repeat(9000)}\r\nPWD\r\n`);
    await caller.until(() => caller.codes === "500 257");
    caller.say("z".repeat(70_000));
    await caller.until(() => caller.closed);
    expect(caller.codes).toBe("500 257 421");
  });

  test("NUL, CR inside, bytes that are no letters, blank ones", async () => {
    const caller = await call().greeted();
    await talk(caller, [
      ["NO\0OP", 500],
      ["NOOP\r", 500],
      ["NO\rOP", 500],
      ["N\u00f6\u00f6P", 500],
    ]);
    expect(await caller.code(Uint8Array.of(0x80, 0x9f, 0xc3))).toBe(500);
    caller.say("\r\n\n\r\n");
    expect(await caller.code("NOOP")).toBe(200);
    caller.say("\r\n".repeat(120));
    await caller.until(() => caller.closed);
  });

  test("Telnet before a verb is nothing", async () => {
    const caller = await call().greeted();
    caller.heard = "";
    caller.say(Uint8Array.of(0xff, 0xfb, 0x01, 0xff, 0xf4, 0xf2)).say("NOOP\r\n");
    await caller.until(() => caller.codes === "200");
  });

  test("bare LF ends a line too", async () => {
    const caller = await call().greeted();
    caller.heard = "";
    caller.say("NOOP\nSYST\n");
    await caller.until(() => caller.codes === "200 215");
  });
});

test("the order of signing in, and of what stands alone", async () => {
  await talk(await call().greeted(), [
    ["PASS x", 503],
    ["RNTO x", 530],
    ["RETR x", 530],
    ["MLSD", 530],
    ["SITE CHMOD 777 /", 530],
    ["USER ann", 331],
    ["USER nobody-at-all", 331],
    ["PROT P", 503],
    ["PBSZ 0", 503],
    ["AUTH KERBEROS_V4", 504],
  ]);
  await talk(await signedIn(), [
    ["RNTO x", 503],
    ["USER other", 530],
    ["PASS x", 503],
    ["BLAH", 500],
    ["ADAT x", 502],
    ["SMNT x", 502],
    ["TYPE E", 504],
    ["MODE B", 504],
    ["STRU R", 504],
  ]);
});

/** openssl's own client, told one line after another. */
async function openssl(options: readonly string[], lines: readonly string[]): Promise<string> {
  const child = Bun.spawn(
    ["openssl", "s_client", "-starttls", "ftp", "-crlf", "-connect", `127.0.0.1:${port}`, ...options],
    { stdin: "pipe", stdout: "pipe", stderr: "ignore", timeout: 20_000, killSignal: "SIGKILL" },
  );
  await Bun.sleep(300);
  for (const line of lines) {
    await child.stdin.write(`${line}\n`);
    await child.stdin.flush();
    await Bun.sleep(10);
  }
  await Bun.sleep(200);
  await child.stdin.end();
  return await new Response(child.stdout).text();
}

needs(apt("openssl"))(
  "AUTH twice, PBSZ that is not 0, renegotiation and key updates without end",
  async () => {
    const said = await openssl(["-quiet"], ["AUTH TLS", "PBSZ 1", "PROT S", "PROT Q", "PROT P", "QUIT"]);
    expect([...said.matchAll(/^(\d{3} (?:PBSZ=0)?)/gm)].map(([, code]) => code!.trim())).toEqual([
      "503",
      "200 PBSZ=0",
      "536",
      "504",
      "200",
      "221",
    ]);
    expect(await openssl(["-tls1_2"], ["R", "NOOP", "QUIT"])).not.toContain("221 ");
    const updates = Array.from({ length: 60 }, () => "K");
    expect(await openssl(["-tls1_3"], [...updates, "NOOP", "QUIT"])).not.toContain("221 ");
    expect(await (await call().greeted()).code("NOOP")).toBe(200);
  },
);

test("an address for data that is another's, a low port, or none at all", async () => {
  await talk(await signedIn(), [
    ["PORT 192,0,2,7,200,10", 500],
    ["PORT 127,0,0,2,200,10", 500],
    ["PORT 127,0,0,1,0,21", 500],
    ["PORT 127,0,0,1,200", 501],
    ["PORT 127,0,0,1,200,10,3", 501],
    ["PORT 127,0,0,256,200,10", 501],
    ["PORT 127.0.0.1:9000", 501],
    ["EPRT |1|192.0.2.7|40000|", 500],
    ["EPRT |2|::ffff:192.0.2.7|40000|", 500],
    ["EPRT |2|::1|40000|", 500],
    ["EPRT |1|127.0.0.1|80|", 500],
    ["EPRT |3|127.0.0.1|40000|", 522],
    ["EPRT |1|127.0.0.1|99999|", 501],
    ["EPRT ~1~127.0.0.1~40000~", 200],
    ["EPRT \u007f1\u007f127.0.0.1\u007f40000\u007f", 501],
    ["EPSV 3", 522],
    ["EPSV x", 501],
    ["EPSV ALL", 200],
    ["PASV", 503],
    ["PORT 127,0,0,1,200,10", 503],
    ["EPRT |1|127.0.0.1|40000|", 503],
  ]);
});

test("a hundred PASVs leave one port open, and a second visitor is a stranger", async () => {
  const caller = await signedIn();
  const ports: number[] = [];
  for (let i = 0; i < 100; i++) {
    const said = await caller.ask("EPSV");
    ports.push(Number(/\|(\d+)\|/.exec(said)![1]));
  }
  const open = await Promise.all(ports.map(isOpen));
  expect(open.slice(0, -1).filter(Boolean).length).toBe(0);
  // The last one took the only place with that visit; its data is the visitor's who came first.
  caller.heard = "";
  expect(new Set(ports).size).toBeGreaterThan(90);
});

const isOpen = (one: number): Promise<boolean> =>
  new Promise((yes) => {
    const socket = connect({ port: one, host: "127.0.0.1" });
    socket.once("connect", () => (socket.destroy(), yes(true)));
    socket.once("error", () => yes(false));
  });

test("somebody else at the data port is sent away, and the client is still awaited", async () => {
  const caller = await signedIn();
  await caller.stored("STOR theft", "mine");
  const at = Number(/\|(\d+)\|/.exec(await caller.ask("EPSV"))![1]);
  const thief = connect({ port: at, host: "127.0.0.1", localAddress: "127.0.0.2" });
  thief.on("error", () => {});
  await new Promise((yes) => thief.once("close", yes));
  const mine = connect({ port: at, host: "127.0.0.1" });
  let got = "";
  mine.on("data", (bytes) => (got += bytes.toString()));
  caller.heard = "";
  caller.say("RETR theft\r\n");
  await caller.until(() => caller.codes === "150 226");
  expect(got).toBe("mine");
});

describe("paths", () => {
  test("no way leads out of the root", async () => {
    const caller = await signedIn();
    await talk(caller, [
      ["CWD ../../../..", 250],
      ["RETR ../../../../etc/passwd", 550],
      ["RETR //etc//passwd", 550],
      ["RETR ..\\..\\etc\\passwd", 550],
      ["RETR %2e%2e/%2e%2e/etc/passwd", 550],
      ["RETR ~root/.profile", 550],
      ["CWD ~root", 550],
      ["SIZE /proc/self/environ", 550],
      ["RMD /", 550],
      ["DELE /", 550],
      ["RNFR /", 550],
      ["STOR /", 553],
      ["MKD /", 550],
    ]);
    expect(await caller.ask("PWD")).toBe('257 "/" is where you are\r\n');
  });

  test("folders where files are wanted, files where folders are", async () => {
    const caller = await signedIn();
    await caller.ask("MKD p");
    await caller.ask("MKD p/q");
    await caller.stored("STOR p/f", "x");
    await talk(caller, [
      ["RETR p", 550],
      ["STOR p", 550],
      ["APPE p", 550],
      ["DELE p", 550],
      ["RMD p", 550],
      ["RMD p/f", 550],
      ["CWD p/f", 550],
      ["MKD p", 550],
      ["MKD p/f/x", 550],
      ["STOR p/f/x", 550],
      ["SIZE p", 550],
      ["RNFR p", 350],
      ["RNTO p/q/inside", 550],
      ["RNTO p2", 503],
      ["MLSD p/f", 501],
      ["HASH p", 553],
    ]);
  });

  test("names: two spellings of one letter stay two, control letters do not come back raw", async () => {
    const caller = await signedIn();
    await caller.ask("MKD n");
    const names = ["n/\u00e9", "n/e\u0301", "n/\u202egpj.exe", `n/${"x".repeat(255)}`, "n/-la"];
    for (const name of names)
      expect([name, await caller.stored(`STOR ${name}`, name)]).toEqual([name, "150 226"]);
    expect(await caller.code("STOR n/a\tb")).toBe(553);
    expect(await caller.code(`STOR n/${"x".repeat(256)}`)).toBe(553);
    expect(await caller.code(`STOR ${"d/".repeat(200)}f`)).toBe(553);
    const listed = await caller.fetched("NLST n");
    expect(listed.body.toString().split("\r\n").filter(Boolean).sort()).toEqual([...names].sort());
    for (const name of names) expect((await caller.fetched(`RETR ${name}`)).body.toString()).toBe(name);
    for (const bytes of [[0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xff, 0xfe], [0xc3]]) {
      const line = Buffer.concat([utf8("STOR n/"), Uint8Array.from(bytes), utf8("x")]);
      expect(await caller.code(line)).toBe(553);
    }
  });

  test("a pattern made to take for ever", async () => {
    const caller = await signedIn();
    await caller.stored(`STOR ${"a".repeat(250)}`, "");
    const begun = performance.now();
    const listed = await caller.fetched(`LIST ${"a*".repeat(100)}b`);
    expect(listed.codes).toBe("150 226");
    expect(performance.now() - begun).toBeLessThan(1000);
  });
});

test("numbers beyond reason", async () => {
  const caller = await signedIn();
  await caller.stored("STOR r", "0123456789");
  await talk(caller, [
    ["REST -1", 501],
    ["REST 9223372036854775808", 501],
    ["REST 1e3", 501],
    ["REST x", 501],
    ["REST 11", 350],
    ["RETR r", 554],
    ["REST 11", 350],
    ["STOR r", 554],
    ["REST 3", 350],
    ["APPE r", 550],
    ["REST 9223372036854775807", 350],
    ["RETR r", 554],
    ["RANG 5 2", 501],
    ["RANG -1 2", 501],
    ["ALLO 1000000000000000000", 552],
    ["ALLO -1", 501],
    ["MFMT 20230230000000 r", 501],
    ["MFMT 19600101000000 r", 501],
    ["MFMT 2023 r", 501],
    ["SITE CHMOD 999 r", 501],
    ["SITE CHMOD -1 r", 501],
    ["SITE CHMOD 7777 r", 200],
    ["SITE EXEC id", 500],
    ["SITE UTIME 20231399000000 r", 501],
    [`OPTS MLST ${"x;".repeat(1500)}`, 501],
    ["OPTS HASH ROT13", 501],
    ["XCRC r 5 2", 554],
  ]);
  expect(await caller.ask("MLST r")).toContain("UNIX.mode=0777");
});

test("one file, many hands: who reads keeps what they opened", async () => {
  const [one, two] = [await signedIn(), await signedIn()];
  await one.stored("STOR shared", "a".repeat(8 << 20));
  const reading = one.fetched("RETR shared");
  expect(await two.stored("STOR shared", "b".repeat(1000))).toBe("150 226");
  expect(await two.code("DELE shared")).toBe(250);
  const { body } = await reading;
  expect(body.every((byte) => byte === 97) || body.length === 1000).toBe(true);
});

test("ban: after five wrong passwords nobody of that address gets in, not even rightly", async () => {
  await using guarded = await startFtpd("--guard-ban-threshold", "5", "--guard-ban-exempt", "");
  const at = guarded.ports["ftp"]!;
  for (let i = 0; i < 2; i++) {
    using caller = new FtpCaller(at);
    await caller.greeted();
    for (const name of ["nobody", guarded.user, "root\u0001'; DROP TABLE users"]) {
      if (caller.closed) break;
      expect(await caller.code(`USER ${name}`)).toBe(331);
      expect([530, 421]).toContain(await caller.code("PASS wrong"));
    }
  }
  using late = new FtpCaller(at);
  await late.until(() => late.closed || late.heard !== "");
  expect(late.heard).not.toContain("220 ");
  expect(guarded.said()).toContain("banned");
});
