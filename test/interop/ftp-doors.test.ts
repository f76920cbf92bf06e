// Doors that are off unless set: behind a load balancer, by client certificate, TLS that ends (CCC).
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { deflateSync, inflateSync } from "node:zlib";
import { FtpCaller } from "./ftp-caller.ts";
import { startFtpd, type Ftpd } from "./ftpd.ts";
import { apt, needs, run } from "./peers.ts";

const stack = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "holdfast-ftp-doors-"));
stack.defer(() => rm(folder, { recursive: true, force: true }));
afterAll(() => stack.disposeAsync());
const here = (name: string): string => join(folder, name);
const houses: { certified: Ftpd; proxied: Ftpd } = {} as never;

const openssl = async (...words: string[]): Promise<void> => {
  const ran = await run(["openssl", ...words], { cwd: folder });
  if (ran.code !== 0) throw new Error(ran.err);
};
const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

async function authority(name: string, ...people: readonly string[]): Promise<void> {
  await openssl(
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    `${name}.key`,
    "-out",
    `${name}.pem`,
    "-subj",
    `/CN=${name}`,
  );
  for (const person of people) {
    await openssl(
      "req",
      "-new",
      ...newKey,
      "-keyout",
      `${person}.key`,
      "-out",
      `${person}.csr`,
      "-subj",
      `/CN=${person}`,
    );
    const by = ["-CA", `${name}.pem`, "-CAkey", `${name}.key`, "-CAcreateserial"];
    await openssl("x509", "-req", "-in", `${person}.csr`, ...by, "-out", `${person}.pem`, "-days", "2");
  }
}

beforeAll(async () => {
  await authority("staff", "admin", "eve");
  await authority("strangers", "mallory");
  await openssl("x509", "-in", "admin.pem", "-noout");
  const certificates = ["--ftp-client-certificates", "optional", "--ftp-client-authority", here("staff.pem")];
  houses.certified = stack.use(await startFtpd(...certificates, "--ftp-clear-control", "--ftp-compression"));
  const proxies = ["--guard-proxies", "127.0.0.0/8", "--guard-deny", "203.0.113.0/24"];
  houses.proxied = stack.use(await startFtpd(...proxies));
}, 600_000);

const curl = (
  house: Ftpd,
  person: string,
  user: string,
  password = "",
): Promise<{ code: number; err: string }> => {
  const proof = ["--cert", here(`${person}.pem`), "--key", here(`${person}.key`)];
  const url = `ftp://127.0.0.1:${house.ports["ftp"]}/`;
  return run(["curl", "-sS", "-k", "--ssl-reqd", ...proof, "-u", `${user}:${password}`, url]);
};

needs(apt("curl"), apt("openssl"))("a certificate stands for the password of whom it names", async () => {
  const house = houses.certified;
  expect(await curl(house, "admin", house.user)).toMatchObject({ code: 0, err: "" });
  expect((await curl(house, "eve", house.user)).code).toBe(67);
  expect(await curl(house, "eve", house.user, house.password)).toMatchObject({ code: 0 });
  // Somebody else's authority proves nothing, whatever name it wrote.
  await openssl(
    "x509",
    "-req",
    "-in",
    "admin.csr",
    "-CA",
    "strangers.pem",
    "-CAkey",
    "strangers.key",
    "-CAcreateserial",
    "-out",
    "forged.pem",
  );
  await run(["cp", here("admin.key"), here("forged.key")]);
  expect((await curl(house, "forged", house.user)).code).toBe(67);
});

needs(apt("curl"), apt("openssl"))("required: nobody else comes in", async () => {
  const flags = ["--ftp-client-certificates", "required", "--ftp-client-authority", here("staff.pem")];
  await using house = await startFtpd(...flags);
  expect((await curl(house, "admin", house.user)).code).toBe(0);
  expect((await curl(house, "eve", house.user, house.password)).code).toBe(67);
  using plain = await new FtpCaller(house.ports["ftp"]!).greeted();
  await plain.code(`USER ${house.user}`);
  expect(await plain.code(`PASS ${house.password}`)).toBe(530);
});

needs(apt("python3"))("CCC: commands in clear after signing in, data still private", async () => {
  await writeFile(here("ccc.py"), python);
  const { host, ports, user, password } = houses.certified;
  const ran = await run(["python3", here("ccc.py"), host, `${ports["ftp"]}`, user, password]);
  expect(ran).toMatchObject({ code: 0, err: "", out: "done\n" });
});

const python = `
import ftplib, io, ssl, sys
host, port, user, password = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4]
ftp = ftplib.FTP_TLS(context=ssl._create_unverified_context())
ftp.connect(host, port); ftp.login(user, password); ftp.prot_p()
assert ftp.sendcmd("CCC").startswith("200")
try: ftp.sock = ftp.sock.unwrap()
except (ssl.SSLError, OSError) as error: raise SystemExit("unwrap: %r" % error)
ftp.file = ftp.sock.makefile("r", encoding="utf-8")
assert ftp.pwd() == "/"
for verb in ("PROT C", "AUTH TLS", "CCC"):
    try: raise SystemExit(verb + " was " + ftp.sendcmd(verb))
    except ftplib.error_perm as error: assert str(error)[:3] in ("503", "533"), error
ftp.storbinary("STOR ccc", io.BytesIO(b"after"))
back = io.BytesIO(); ftp.retrbinary("RETR ccc", back.write)
assert back.getvalue() == b"after"
ftp.quit()
print("done")
`;

test("behind a load balancer: who calls is who the PROXY header names", async () => {
  const { ports, user, password } = houses.proxied;
  using caller = new FtpCaller(ports["ftp"]!);
  caller.say("PROXY TCP4 198.51.100.7 192.0.2.1 40000 21\r\n");
  await caller.signIn(user, password);
  expect(await caller.ask("SITE WHO")).toContain("admin ftp 198.51.100.7 ");
  // The client's own address for data is the one of the header.
  expect(await caller.code("PORT 198,51,100,7,200,10")).toBe(200);
  expect(await caller.code("PORT 127,0,0,1,200,10")).toBe(500);
  using denied = new FtpCaller(ports["ftp"]!);
  denied.say("PROXY TCP4 203.0.113.9 192.0.2.1 40000 21\r\n");
  await denied.until(() => denied.closed);
  expect(denied.heard).not.toContain("220 ");
  for (const nonsense of ["USER ann\r\n", "PROXY TCP4 1 2 3 4\r\n", "\r\n\r\n\0\r\nQUIT\n\x31\x11\x00\x0c"]) {
    using other = new FtpCaller(ports["ftp"]!);
    other.say(nonsense);
    await other.until(() => other.closed);
    expect(other.heard).toBe("");
  }
  using local = new FtpCaller(ports["ftp"]!);
  local.say(Uint8Array.of(13, 10, 13, 10, 0, 13, 10, 81, 85, 73, 84, 10, 0x20, 0, 0, 0));
  await local.greeted();
});

test("PROXY and the client's first bytes in one packet: TLS at once, and SSH", async () => {
  const { ports } = houses.proxied;
  expect(await firstWords(ports["sftp"]!, "SSH-2.0-Trial\r\n")).toStartWith("SSH-2.0-Holdfast");
  const hello = await clientHello();
  const answer = await firstWords(ports["ftps"]!, hello);
  // A handshake record: the server's hello.
  expect(answer.charCodeAt(0)).toBe(22);
});

/** What comes back to a PROXY line and `first`, sent as one. */
function firstWords(port: number, first: string | Uint8Array): Promise<string> {
  const line = Buffer.from("PROXY TCP4 198.51.100.7 192.0.2.1 40000 21\r\n");
  return new Promise((yes, no) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.on("error", no);
    socket.once("data", (bytes) => (yes(bytes.toString("latin1")), socket.destroy()));
    socket.setTimeout(4000, () => (no(new Error("nothing came")), socket.destroy()));
    socket.write(Buffer.concat([line, Buffer.from(first)]));
  });
}

/** The bytes with which openssl begins. */
async function clientHello(): Promise<Uint8Array> {
  const got = Promise.withResolvers<Uint8Array>();
  using listener = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (_, bytes) => got.resolve(Uint8Array.from(bytes)) },
  });
  const child = Bun.spawn(["openssl", "s_client", "-connect", `127.0.0.1:${listener.port}`], {
    stdin: "ignore",
    stdout: "ignore",
    stderr: "ignore",
    timeout: 3000,
  });
  const bytes = await got.promise;
  child.kill();
  return bytes;
}

test("a stranger's PROXY line is not believed", async () => {
  using caller = await new FtpCaller(houses.certified.ports["ftp"]!).greeted();
  caller.say("PROXY TCP4 198.51.100.7 192.0.2.1 40000 21\r\n");
  await caller.until(() => caller.closed);
});

needs(apt("lftp"))(
  "MODE Z: lftp moves files deflated, both ways, and lists",
  async () => {
    const { host, ports, user, password } = houses.certified;
    await writeFile(here("text"), "the same line again and again\n".repeat(100_000));
    const set = "set ftp:ssl-allow no; set ftp:use-mode-z yes; debug 5;";
    const url = `ftp://${host}:${ports["ftp"]}`;
    const back = "get text -o back; cls";
    const script = `set net:max-retries 1; ${set} open -u ${user},${password} ${url}; put text; ${back}`;
    const ran = await run(["lftp", "-c", script], { cwd: folder });
    expect(ran.out).toContain("text");
    expect(ran.err).toContain("MODE Z");
    expect((await run(["cmp", here("text"), here("back")])).code).toBe(0);
    using caller = await new FtpCaller(ports["ftp"]!).signIn(user, password);
    expect(await caller.code("MODE Z")).toBe(200);
    expect(await caller.code("OPTS MODE Z LEVEL 9")).toBe(200);
    expect(await caller.code("OPTS MODE Z LEVEL 0")).toBe(501);
    const whole = deflateSync(Buffer.alloc(50_000, "x"));
    expect(await caller.stored("STOR z", whole)).toBe("150 226");
    expect(await caller.stored("STOR cut", whole.subarray(0, -6))).toBe("150 426");
    expect(await caller.stored("STOR bomb", deflateSync(Buffer.alloc(200 << 20)))).toBe("150 552");
    expect(inflateSync((await caller.fetched("RETR z")).body).length).toBe(50_000);
    for (const name of ["cut", "bomb"]) expect(await caller.code(`SIZE ${name}`)).toBe(550);
  },
  30_000,
);
