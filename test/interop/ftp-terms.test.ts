// Terms of use, at the doors: hours, quotas of a period, virtual folders; and what is told of transfers.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import ssh2 from "ssh2";
import { hotpCode } from "../../lib/crypto/totp.ts";
import { FtpCaller } from "./ftp-caller.ts";
import { startFtpd, type Ftpd } from "./ftpd.ts";

const stack = new AsyncDisposableStack();
const folder = await mkdtemp(join(tmpdir(), "holdfast-ftp-terms-"));
stack.defer(() => rm(folder, { recursive: true, force: true }));
afterAll(() => stack.disposeAsync());
const log = join(folder, "xferlog");
const kept: { house: Ftpd } = {} as never;
const password = "correct horse battery";

beforeAll(async () => {
  kept.house = stack.use(await startFtpd("--transfers-log-file", log));
  const { house } = kept;
  for (const name of ["yard", "public"]) await house.admin("POST", "/buckets", { name });
  const home = { bucket: "yard", prefix: "" };
  await house.admin("POST", "/users", { name: "mia", password, home, groups: ["guests"] });
  for (const [bucket, verbs] of [
    ["yard", ["object.read", "object.write", "object.delete", "object.list", "bucket.read"]],
    ["public", ["object.read", "object.list", "bucket.read"]],
  ])
    await house.admin("POST", "/grants", {
      effect: "allow",
      who: { user: "mia" },
      verbs,
      bucket,
      prefix: "",
    });
}, 600_000);

const mia = (): Promise<FtpCaller> =>
  stack.use(new FtpCaller(kept.house.ports["ftp"]!)).signIn("mia", password);
/** Stated, and known to the doors. */
async function terms(who: string, body: object): Promise<void> {
  await kept.house.admin("PUT", `/terms/${who}`, body);
  await Bun.sleep(600);
}

test("a folder of a user may be another bucket, and that bucket's rights hold", async () => {
  const { house } = kept;
  using admin = await new FtpCaller(house.ports["ftp"]!).signIn(house.user, house.password);
  expect(admin.codes).toBe("200");
  await terms("group:guests", { folders: [{ at: "/shared/pub", bucket: "public", prefix: "news/" }] });
  const caller = await mia();
  expect((await caller.fetched("NLST")).body.toString()).toBe("shared\r\n");
  expect((await caller.fetched("MLSD shared")).body.toString()).toContain("Perm=el;");
  expect(await caller.code("CWD shared/pub")).toBe(250);
  expect(await caller.stored("STOR x", "x")).toBe("550");
  expect(await caller.stored("STOR /own", "mine")).toBe("150 226");
  expect(await caller.code("RMD /shared/pub")).toBe(450);
  const rename = [await caller.code("RNFR /own"), await caller.code("RNTO /shared/pub/own")];
  expect(rename[1]).toBeGreaterThan(400);
  await house.admin("POST", "/grants", {
    effect: "allow",
    who: { group: "guests" },
    verbs: ["object.write"],
    bucket: "public",
    prefix: "news/",
  });
  await Bun.sleep(600);
  expect(await caller.stored("STOR x", "news")).toBe("150 226");
  expect((await caller.fetched("RETR /shared/pub/x")).body.toString()).toBe("news");
});

test("a quota of a day holds within a transfer, and over all of them", async () => {
  await terms("user:mia", { uploadQuota: { bytes: 1_000_000, per: "day" } });
  const caller = await mia();
  expect(await caller.stored("STOR a", new Uint8Array(600_000))).toBe("150 226");
  const over = await caller.stored("STOR b", new Uint8Array(600_000));
  expect(over).toBe("150 552");
  expect(await caller.code("SIZE b")).toBe(550);
  expect((await caller.fetched("RETR a")).codes).toBe("150 226");
});

test("outside their hours and networks nobody learns why they stay out", async () => {
  const hour = new Date().getUTCHours();
  const two = (n: number): string => String((n + 24) % 24).padStart(2, "0");
  await terms("user:mia", { hours: [`${two(hour + 2)}:00-${two(hour + 3)}:00`] });
  const caller = await stack.use(new FtpCaller(kept.house.ports["ftp"]!)).greeted();
  await caller.ask("USER mia");
  expect(await caller.ask(`PASS ${password}`)).toBe("530 Not signed in: name or password is wrong\r\n");
  await terms("user:mia", { networks: ["198.51.100.0/24"] });
  await caller.ask("USER mia");
  expect(await caller.code(`PASS ${password}`)).toBe(530);
  await kept.house.admin("DELETE", "/terms/user:mia");
  await Bun.sleep(600);
  await mia();
});

test("the history and the xferlog tell of every transfer", async () => {
  await Bun.sleep(700);
  const { rows } = (await kept.house.admin("GET", "/transfers?user=mia&limit=50")) as { rows: object[] };
  expect(rows).toContainEqual(expect.objectContaining({ path: "/b", way: "in", outcome: "quota" }));
  expect(rows).toContainEqual(
    expect.objectContaining({ path: "/a", way: "out", bytes: 600_000, outcome: "ok" }),
  );
  const lines = (await readFile(log, "utf8")).trimEnd().split("\n");
  expect(lines.length).toBe(rows.length);
  const shape = /^\w{3} \w{3} \d\d [\d:]{8} \d{4} \d+ 127\.0\.0\.1 \d+ \S+ b _ [io] r mia ftp 0 \* [ci]$/;
  for (const line of lines) expect(line).toMatch(shape);
  const listed = await kept.house.holdfast("transfer", "list", "--user", "mia", "--limit", "3");
  expect(listed.out).toContain("/a");
  const set = await kept.house.holdfast(
    "terms",
    "set",
    "mia",
    "--upload-quota",
    "1GiB/day",
    "--folder",
    "/p=public",
  );
  expect(set.code).toBe(0);
  expect((await kept.house.holdfast("terms", "list")).out).toContain("1073741824 day");
}, 600_000);

test("one-time codes: behind the password over FTP, asked for over SSH, each good once", async () => {
  const { house } = kept;
  await house.admin("POST", "/users", { name: "zoe", password, home: { bucket: "yard", prefix: "" } });
  const ftp = async (sent: string): Promise<boolean> => {
    using caller = await new FtpCaller(house.ports["ftp"]!).greeted();
    await caller.ask("USER zoe");
    return (await caller.code(`PASS ${sent}`)) === 230;
  };
  expect(await ftp(password)).toBe(true);
  const { secret, uri } = (await house.admin("POST", "/users/zoe/second-factor")) as Record<string, string>;
  expect(uri).toContain(secret);
  const code = (steps: number): string =>
    hotpCode(fromBase32(secret!), Math.floor(Date.now() / 30_000) + steps);
  const first = code(0);
  expect(await ftp(password)).toBe(false);
  expect(await ftp(`${password}000000`)).toBe(false);
  expect(await ftp(password + first)).toBe(true);
  expect(await ftp(password + first)).toBe(false);
  expect(await ssh("zoe", { "Password: ": password, "One-time code: ": first })).toBe(false);
  expect(await ssh("zoe", { "Password: ": "wrong", "One-time code: ": code(1) })).toBe(false);
  expect(await ssh("zoe", { "Password: ": password, "One-time code: ": code(1) })).toBe(true);
  await house.admin("DELETE", "/users/zoe/second-factor");
  expect(await ssh("zoe", { "Password: ": password })).toBe(true);
}, 600_000);

/** Whether keyboard-interactive lets in somebody who answers so. */
function ssh(username: string, answers: Record<string, string>): Promise<boolean> {
  const client = new ssh2.Client();
  return new Promise((yes) => {
    client.on("ready", () => (yes(true), client.end()));
    client.on("error", () => yes(false));
    client.on("keyboard-interactive", (_n: string, _i: string, _l: string, asked: Question[], say: Say) =>
      say(asked.map(({ prompt }) => answers[prompt] ?? "")),
    );
    const port = kept.house.ports["sftp"]!;
    client.connect({
      host: "127.0.0.1",
      port,
      username,
      tryKeyboard: true,
      authHandler: ["keyboard-interactive"],
    });
  });
}
interface Question {
  readonly prompt: string;
}
type Say = (answers: readonly string[]) => void;

function fromBase32(text: string): Uint8Array {
  const bits = text
    .split("")
    .map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0"));
  return Uint8Array.from(bits.join("").match(/.{8}/g)!, (byte) => Number.parseInt(byte, 2));
}
