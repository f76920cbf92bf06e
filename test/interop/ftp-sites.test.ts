// Virtual hosts: by HOST, by the name TLS asks for, by address; made and changed while the daemon runs.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect } from "node:tls";
import { FtpCaller } from "./ftp-caller.ts";
import { startFtpd, type Ftpd } from "./ftpd.ts";
import { apt, needs, run } from "./peers.ts";

const stack = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "holdfast-ftp-sites-"));
stack.defer(() => rm(folder, { recursive: true, force: true }));
afterAll(() => stack.disposeAsync());
const kept: { house: Ftpd } = {} as never;
const password = "correct horse battery";
const files = (name: string): object => ({
  certificate: join(folder, `${name}.pem`),
  certificateKey: join(folder, `${name}.key`),
});

async function certificate(name: string, subject = name): Promise<void> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", `${name}.key`];
  const out = ["-out", `${name}.pem`, "-subj", `/CN=${subject}`];
  const ran = await run(["openssl", "req", "-x509", ...key, ...out], { cwd: folder });
  if (ran.code !== 0) throw new Error(ran.err);
}

beforeAll(async () => {
  await certificate("one.test");
  await certificate("two.test");
  kept.house = stack.use(await startFtpd());
  const { house } = kept;
  await house.admin("POST", "/buckets", { name: "yard" });
  for (const name of ["ann", "bob"])
    await house.admin("POST", "/users", { name, password, home: { bucket: "yard", prefix: `${name}/` } });
  const verbs = ["object.read", "object.write", "object.delete", "object.list", "bucket.read"];
  await house.admin("POST", "/grants", {
    effect: "allow",
    who: { everyone: true },
    verbs,
    bucket: "yard",
    prefix: "",
  });
  await site("one.test", { ...files("one.test"), users: ["ann"], greeting: "One", welcome: "Hello at one" });
  await site("two.test", { ...files("two.test"), root: { bucket: "yard", prefix: "two/" }, sessions: 1 });
}, 600_000);

async function site(name: string, body: object): Promise<void> {
  await kept.house.admin("PUT", `/sites/${name}`, body);
  await Bun.sleep(600);
}
const call = (): Promise<FtpCaller> => stack.use(new FtpCaller(kept.house.ports["ftp"]!)).greeted();

test("HOST: known, unknown, malformed, too late, the last one counts", async () => {
  const caller = await call();
  expect(await caller.code("HOST nowhere.test")).toBe(504);
  expect(await caller.code("HOST -bad-")).toBe(501);
  expect(await caller.ask("HOST ONE.test")).toBe("220 One\r\n");
  expect(await caller.code("HOST two.test")).toBe(220);
  expect(await caller.ask("HOST one.test")).toBe("220 One\r\n");
  await caller.ask("USER ann");
  expect(await caller.code("HOST two.test")).toBe(503);
  expect(await caller.ask(`PASS ${password}`)).toBe("230 Hello at one\r\n");
  expect(await caller.code("HOST two.test")).toBe(503);
  expect(await caller.ask("FEAT")).toContain(" HOST\r\n");
});

test("a site has its users, its root, and so many sessions", async () => {
  const stranger = await call();
  await stranger.ask("HOST one.test");
  await stranger.ask("USER bob");
  expect(await stranger.code(`PASS ${password}`)).toBe(530);
  const bob = await call();
  await bob.ask("HOST two.test");
  await bob.signIn("bob", password);
  expect(await bob.stored("STOR here", "two")).toBe("150 226");
  const ann = await call();
  await ann.ask("HOST two.test");
  await ann.ask("USER ann");
  expect(await ann.code(`PASS ${password}`)).toBe(421);
  expect(await bob.code("QUIT")).toBe(221);
  const later = await call();
  await later.ask("HOST two.test");
  await later.signIn("ann", password);
  expect((await later.fetched("RETR here")).body.toString()).toBe("two");
  const home = await call();
  await home.signIn("ann", password);
  expect(await home.code("SIZE here")).toBe(550);
});

/** The common name that the implicit door shows to who asks for `servername`. */
function shown(servername: string): Promise<string> {
  const port = kept.house.ports["ftps"]!;
  return new Promise((yes, no) => {
    const socket = connect({ port, host: "127.0.0.1", servername, rejectUnauthorized: false }, () => {
      yes(String(socket.getPeerCertificate().subject.CN));
      socket.destroy();
    });
    socket.on("error", no);
  });
}

needs(apt("openssl"), apt("curl"))(
  "certificates by SNI, changed at run time; data goes on with them",
  async () => {
    expect(await shown("one.test")).toBe("one.test");
    expect(await shown("two.test")).toBe("two.test");
    const own = await shown("other.test");
    expect(own).not.toBe("one.test");
    await certificate("new", "one.new");
    await site("one.test", { ...files("new") });
    expect(await shown("one.test")).toBe("one.new");
    for (const version of ["1.2", "1.3"]) {
      const port = kept.house.ports["ftp"]!;
      const via = ["--resolve", `two.test:${port}:127.0.0.1`, "--tls-max", version, "-k", "--ssl-reqd"];
      const got = await run(["curl", "-sS", ...via, "-u", `ann:${password}`, `ftp://two.test:${port}/`]);
      expect(got).toMatchObject({ code: 0, err: "" });
    }
  },
);

needs(apt("python3"))("HOST that contradicts SNI, and HOST before AUTH", async () => {
  const script = `
import ftplib, ssl, sys
context = ssl._create_unverified_context()
ftp = ftplib.FTP_TLS(context=context)
ftp.connect("127.0.0.1", int(sys.argv[1]))
ftp.host = "two.test"
ftp.auth()
try: print(ftp.sendcmd("HOST one.test"))
except ftplib.error_perm as error: print(error)
print(ftp.sendcmd("HOST two.test")[:3])
ftp.close()
ftp = ftplib.FTP_TLS(context=context)
ftp.connect("127.0.0.1", int(sys.argv[1]))
print(ftp.sendcmd("HOST two.test")[:3])
ftp.auth()
print(b"two.test" in ftp.sock.getpeercert(True))
`;
  const ran = await run(["python3", "-c", script, `${kept.house.ports["ftp"]}`]);
  expect(ran.err).toBe("");
  expect(ran.out.split("\n").map((line) => line.slice(0, 4).trim())).toEqual([
    "504",
    "220",
    "220",
    "True",
    "",
  ]);
});

test("by the address that was reached", async () => {
  const { house } = kept;
  await house.admin("PUT", "/sites/home.test", {
    addresses: ["127.0.0.1"],
    greeting: "Home",
    users: ["bob"],
  });
  await Bun.sleep(600);
  const caller = await call();
  expect(caller.heard).toBe("220 Home\r\n");
  await caller.ask("USER ann");
  expect(await caller.code(`PASS ${password}`)).toBe(530);
  const listed = await house.holdfast("site", "list");
  expect(listed.out).toContain("home.test");
  expect((await house.holdfast("site", "remove", "home.test")).code).toBe(0);
  const set = [
    "site",
    "set",
    "cli.test",
    "--user",
    "ann",
    "--root",
    "yard/cli",
    "--greeting",
    "From the line",
  ];
  expect((await house.holdfast(...set)).code).toBe(0);
  await Bun.sleep(600);
  const again = await call();
  expect(again.heard).not.toContain("Home");
  expect(await again.ask("HOST cli.test")).toBe("220 From the line\r\n");
}, 600_000);
