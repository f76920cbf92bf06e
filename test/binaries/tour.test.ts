/** What ships: each binary from an empty directory, unprivileged, in a hostile environment. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startHouse, type House } from "../interop/house.ts";
import { run } from "../interop/peers.ts";
import { top } from "../sources.ts";
import { binaries, builtBinaries, dist } from "./built.ts";

const place: { empty?: string; bin?: string; data?: string } = {};

/** `nobody` where we are root, ourselves elsewhere; no HOME, no state of the caller. */
function unprivileged(...command: string[]): string[] {
  const drop = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"];
  const bare = ["env", "-i", "-C", place.empty!, "PATH=/usr/bin:/bin"];
  return [...(process.getuid?.() === 0 ? drop : []), ...bare, ...command];
}

beforeAll(async () => {
  await builtBinaries();
  place.empty = await mkdtemp(join(tmpdir(), "holdfast-empty-"));
  place.bin = await mkdtemp(join(tmpdir(), "holdfast-bin-"));
  place.data = await mkdtemp(join(tmpdir(), "holdfast-data-"));
  for (const folder of [place.empty, place.bin]) await chmod(folder, 0o755);
  await chmod(place.data, 0o777);
  await run(["cp", ...binaries.map((name) => join(dist, name)), place.bin]);
  await writeFile(join(place.empty, ".env"), "HOLDFAST_S3_LISTEN=nonsense\nHOLDFAST_LOG_LEVEL=nonsense\n");
  await writeFile(join(place.empty, "bunfig.toml"), 'preload = ["./planted.ts"]\n');
  await writeFile(join(place.empty, "planted.ts"), 'console.log("planted code ran");\n');
}, 600_000);

afterAll(async () => {
  for (const folder of Object.values(place)) await rm(folder, { recursive: true, force: true });
});

test.each(binaries)("%s tells our version, whatever lies in the working directory", async (name) => {
  const ran = await run(unprivileged(join(place.bin!, name), "--version"));
  const { version } = (await Bun.file(join(top, "package.json")).json()) as { version: string };
  expect(ran).toMatchObject({ code: 0, err: "" });
  expect(ran.out).toContain(version);
  expect(ran.out).not.toContain("planted");
});

test("the compiled house comes up, serves, and leaves", async () => {
  const command = unprivileged(join(place.bin!, "holdfast"));
  const house = await startHouse({ command, data: join(place.data!, "state") });
  try {
    await serveBytes(house, 200); // inline
    await serveBytes(house, 5_000_000); // through the workers
    expect(house.said()).not.toContain("planted");
  } finally {
    const started = performance.now();
    expect(await house.stop()).toBe(0);
    expect(performance.now() - started).toBeLessThan(5000);
  }
}, 600_000);

async function serveBytes({ ready: { s3 } }: House, size: number): Promise<void> {
  const client = new Bun.S3Client({ ...s3, bucket: "home" });
  const bytes = new Uint8Array(size).map((_, i) => i * 31);
  await client.write(`binary-${size}.bin`, bytes);
  const back = await client.file(`binary-${size}.bin`).bytes();
  expect(Buffer.compare(back, bytes)).toBe(0);
}
