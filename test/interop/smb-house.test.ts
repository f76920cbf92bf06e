/** The house through its SMB door: a whole `holdfast up`, S3 beside SMB, and clients of several makes. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededEntropy } from "../../lib/base/entropy.ts";
import { startHouse, type House } from "./house.ts";
import { apt, needs, run, type Ran } from "./peers.ts";

const smbclient = apt("smbclient");
const aws = apt("aws", "awscli");
const python = "/usr/bin/python3";

const running: { house?: House; folder?: string } = {};
const file = (name: string): string => join(running.folder!, name);
const payload = seededEntropy(5)(2_500_000);

beforeAll(async () => {
  running.folder = await mkdtemp(join(tmpdir(), "holdfast-smb-house-"));
  running.house = await startHouse();
  await writeFile(file("payload"), payload);
});
afterAll(async () => {
  await running.house?.[Symbol.asyncDispose]();
  if (running.house) await rm(running.house.data, { recursive: true, force: true });
  if (running.folder) await rm(running.folder, { recursive: true, force: true });
});

async function smb(script: string): Promise<Ran> {
  const { host, port, user, password } = running.house!.ready.smb!;
  const who = ["-U", `${user}%${password}`];
  const ran = await run(["smbclient", `//${host}/home`, "-p", String(port), ...who, "-c", script], {
    cwd: running.folder!,
  });
  expect(ran.out + ran.err).not.toContain("NT_STATUS");
  return ran;
}

async function s3(...args: string[]): Promise<string> {
  const { endpoint, region, accessKeyId, secretAccessKey } = running.house!.ready.s3;
  const ran = await run(["aws", "--endpoint-url", endpoint, ...args], {
    env: {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_DEFAULT_REGION: region,
      AWS_EC2_METADATA_DISABLED: "true",
      AWS_CONFIG_FILE: "/dev/null",
      AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
    },
  });
  expect(ran).toMatchObject({ code: 0 });
  return ran.out;
}

test("the house says where its SMB door is", () => {
  expect(running.house!.ready.smb!.port).toBeGreaterThan(0);
});

needs(smbclient, aws)("a file put through S3 is fetched through SMB, and the reverse", async () => {
  await s3("s3", "cp", file("payload"), "s3://home/in/from-s3.bin");
  expect((await smb("cd in; ls")).out).toMatch(/from-s3\.bin +A +2500000/);
  await smb("get in/from-s3.bin fetched");
  expect((await readFile(file("fetched"))).equals(payload)).toBe(true);
  await smb("mkdir out; put payload out/from-smb.bin; rename out/from-smb.bin out/kept.bin");
  await s3("s3", "cp", "s3://home/out/kept.bin", file("back"));
  expect((await readFile(file("back"))).equals(payload)).toBe(true);
  await smb("del out/kept.bin");
  expect(await s3("s3api", "list-objects-v2", "--bucket", "home", "--prefix", "out/kept")).not.toContain(
    "kept.bin",
  );
});

needs(smbclient)("attributes stay with the file, and the free space is the house's", async () => {
  await smb("put payload marked; setmode marked +rhs");
  const told = await smb("allinfo marked");
  expect(told.out).toContain("attributes: RHSA");
  await smb("setmode marked -r; del marked");
  expect((await smb("du")).out).toMatch(/\d+ blocks of size \d+\. \d+ blocks available/);
});

needs(smbclient)("a named stream stays with its file, through a rename, and goes with it", async () => {
  await smb("put payload carrier; put payload carrier:second; rename carrier carried");
  expect((await smb("allinfo carried")).out).toContain("stream: [:second:$DATA], 2500000 bytes");
  await smb("get carried:second stream");
  expect((await readFile(file("stream"))).equals(payload)).toBe(true);
  await smb("del carried");
  expect((await smb("ls")).out).not.toContain(".holdfast");
});

needs(smbclient, aws)("previous versions are shown and read, and not written", async () => {
  await s3(
    "s3api",
    "put-bucket-versioning",
    "--bucket",
    "home",
    "--versioning-configuration",
    "Status=Enabled",
  );
  await writeFile(file("first"), "first");
  await writeFile(file("second"), "second!");
  await smb("mkdir kept; put first kept/report.txt");
  await Bun.sleep(1100);
  await smb("put second kept/report.txt");
  const told = (await smb("allinfo kept/report.txt")).out;
  const token = /@GMT-[\d.-]+/.exec(told)?.[0];
  expect(token).toBeDefined();
  await smb(`get ${token}/kept/report.txt before`);
  expect(await readFile(file("before"), "utf8")).toBe("first");
  expect((await smb(`ls ${token}/kept/*`)).out).toMatch(/report\.txt +A? +5 /);
  const { host, port, user, password } = running.house!.ready.smb!;
  const who = ["-p", String(port), "-U", `${user}%${password}`];
  const refused = `put second ${token}/kept/report.txt`;
  const ran = await run(["smbclient", `//${host}/home`, ...who, "-c", refused], { cwd: running.folder! });
  expect(ran.out + ran.err).toContain("NT_STATUS_ACCESS_DENIED");
  await smb("get kept/report.txt now");
  expect(await readFile(file("now"), "utf8")).toBe("second!");
});

const script = (host: string, port: number, user: string, password: string): string => `
from impacket.smbconnection import SMBConnection
import io
c = SMBConnection("${host}", "${host}", sess_port=${port})
c.login(${JSON.stringify(user)}, ${JSON.stringify(password)})
print("dialect", hex(c.getDialect()))
print("shares", sorted(s["shi1_netname"][:-1] for s in c.listShares()))
c.createDirectory("home", "impacket")
c.putFile("home", "impacket\\\\a.txt", io.BytesIO(b"hello" * 1000).read)
print("listed", sorted(f.get_longname() for f in c.listPath("home", "impacket\\\\*")))
out = io.BytesIO()
c.getFile("home", "impacket\\\\a.txt", out.write)
print("same", out.getvalue() == b"hello" * 1000)
c.rename("home", "impacket\\\\a.txt", "impacket\\\\b.txt")
c.deleteFile("home", "impacket\\\\b.txt")
c.deleteDirectory("home", "impacket")
c.logoff()
`;

needs(apt(python, "python3-impacket"))(
  "impacket signs in, lists shares, writes, reads, renames, removes",
  async () => {
    const { host, port, user, password } = running.house!.ready.smb!;
    const ran = await run([python, "-c", script(host, port, user, password)]);
    expect(ran.err).toBe("");
    expect(ran.out).toContain("shares ['IPC$', 'home']");
    expect(ran.out).toContain("listed ['.', '..', 'a.txt']");
    expect(ran.out).toContain("same True");
  },
);
