/** The main job, as a new user meets it: one file through two doors, and the time. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startHouse, type House, type Ready } from "./house.ts";
import { apt, needs, run } from "./peers.ts";

const aws = apt("aws", "awscli");
const lftp = apt("lftp");
const chronyd = apt("chronyd", "chrony");

const payload = new Uint8Array(3_000_000).map((_, i) => (i * 2654435761) >>> 13);

const tour: { house?: House; folder?: string } = {};
const house = (): House => tour.house!;
const file = (name: string): string => join(tour.folder!, name);

beforeAll(async () => {
  tour.folder = await mkdtemp(join(tmpdir(), "holdfast-tour-"));
  tour.house = await startHouse();
});
afterAll(async () => {
  await tour.house?.[Symbol.asyncDispose]();
  if (tour.house) await rm(tour.house.data, { recursive: true, force: true });
  if (tour.folder) await rm(tour.folder, { recursive: true, force: true });
});

function awsEnvironment({ s3 }: Ready): Record<string, string> {
  return {
    AWS_ACCESS_KEY_ID: s3.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.secretAccessKey,
    AWS_DEFAULT_REGION: s3.region,
    AWS_ENDPOINT_URL: s3.endpoint,
    AWS_EC2_METADATA_DISABLED: "true",
    AWS_CONFIG_FILE: "/dev/null",
    AWS_SHARED_CREDENTIALS_FILE: "/dev/null",
  };
}

async function s3(...args: string[]): Promise<string> {
  const { endpoint } = house().ready.s3;
  const ran = await run(["aws", "--endpoint-url", endpoint, ...args], { env: awsEnvironment(house().ready) });
  expect(ran).toMatchObject({ code: 0 });
  return ran.out;
}

async function ftp(commands: string, settings = "set ftp:ssl-allow no"): Promise<string> {
  const { host, port, user, password } = house().ready.ftp;
  const open = `set net:max-retries 1; open -u ${user},${password} -p ${port} ${host}`;
  const script = `${settings}; ${open}; ${commands}`;
  const ran = await run(["lftp", "-c", script], { env: { HOME: tour.folder! } });
  expect(ran).toMatchObject({ code: 0 });
  return ran.out;
}

const overTls = "set ftp:ssl-force yes; set ftp:ssl-protect-data yes; set ssl:verify-certificate no";

needs(aws, lftp)("a file put through S3 is listed and fetched through FTP, byte for byte", async () => {
  await writeFile(file("from-s3.bin"), payload);
  await s3("s3", "cp", file("from-s3.bin"), "s3://home/reports/from-s3.bin");
  expect(await ftp("cls -l /reports")).toContain("from-s3.bin");
  await ftp(`get /reports/from-s3.bin -o ${file("fetched-ftp.bin")}`);
  expect(Buffer.compare(await readFile(file("fetched-ftp.bin")), payload)).toBe(0);
});

needs(aws, lftp)("a file put through FTP over TLS is fetched through S3, byte for byte", async () => {
  await writeFile(file("from-ftp.bin"), payload);
  await ftp(`mkdir -p /in; put ${file("from-ftp.bin")} -o /in/from-ftp.bin`, overTls);
  await s3("s3", "cp", "s3://home/in/from-ftp.bin", file("fetched-s3.bin"));
  expect(Buffer.compare(await readFile(file("fetched-s3.bin")), payload)).toBe(0);
});

needs(aws, lftp)("a rename and a delete through FTP are seen through S3", async () => {
  await writeFile(file("small.txt"), "one file, two doors\n");
  await s3("s3", "cp", file("small.txt"), "s3://home/notes/a.txt");
  await ftp("mv /notes/a.txt /notes/b.txt");
  expect(await s3("s3", "ls", "s3://home/notes/")).toMatch(/\sb\.txt$/m);
  await ftp("rm /notes/b.txt");
  const listed = await s3("s3api", "list-objects-v2", "--bucket", "home", "--prefix", "notes/b");
  expect(listed).not.toContain("b.txt");
});

needs(chronyd)("chronyd takes our time", async () => {
  const { host, ntp } = house().ready.time;
  const config = file("chrony.conf");
  await writeFile(config, `server ${host} port ${ntp} iburst\ncmdport 0\npidfile ${file("chronyd.pid")}\n`);
  const ran = await run(["chronyd", "-Q", "-t", "15", "-u", "root", "-f", config]);
  expect(ran.out + ran.err).toMatch(/System clock wrong by -?\d+\.\d+ seconds/);
  expect(ran.code).toBe(0);
});

test("the console answers, to its token alone", async () => {
  const { url, token } = house().ready.console;
  const ask = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    fetch(new URL(path, url), { headers, tls: { rejectUnauthorized: false } });
  expect((await ask("/healthz")).status).toBe(200);
  expect((await ask("/api/v1/users")).status).toBe(401);
  expect((await ask("/api/v1/users", { authorization: `Bearer ${token}` })).status).toBe(200);
});

test("the generated credentials are for their owner alone", async () => {
  expect((await stat(join(house().data, "first-run.json"))).mode & 0o777).toBe(0o600);
  expect((await stat(house().data)).mode & 0o077).toBe(0);
});

needs(aws)("a second start on the same data has the same credentials and files", async () => {
  const before = house().ready;
  await writeFile(file("kept.txt"), "kept\n");
  await s3("s3", "cp", file("kept.txt"), "s3://home/kept.txt");
  const started = performance.now();
  expect(await house().stop()).toBe(0);
  expect(performance.now() - started).toBeLessThan(5000);
  tour.house = await startHouse({ data: house().data });
  expect(house().ready.s3.secretAccessKey).toBe(before.s3.secretAccessKey);
  expect(house().ready.ftp.password).toBe(before.ftp.password);
  expect(await s3("s3", "cp", "s3://home/kept.txt", "-")).toBe("kept\n");
});
