import { afterAll, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { seededEntropy } from "../base/entropy.ts";
import { must } from "../base/result.ts";
import { handClock } from "../base/time.ts";
import { houseActor } from "../rules/identity.ts";
import { silentLog } from "../watch/log.ts";
import { openAuditLog, type AuditLog } from "./audit-log.ts";
import { auditChains, auditPage } from "./audit-pages.ts";
import { proveAudit } from "./audit-verify.ts";

const dayMs = 86_400_000;
const root = await mkdtemp(join(tmpdir(), "holdfast-audit-"));
afterAll(() => rm(root, { recursive: true, force: true }));

/** A trail of its own for each test. */
async function trail() {
  const data = await mkdtemp(join(root, "data-"));
  const folder = join(data, "audit");
  const clock = handClock();
  const open = (daemon = "s3d", seed = 1) =>
    openAuditLog(data, daemon, { clock, entropy: seededEntropy(seed), log: silentLog });
  const openLog = async (daemon = "s3d"): Promise<AuditLog> => must(await open(daemon));
  const tell = (log: AuditLog, target: string): void =>
    log.tell({
      at: clock.wall(),
      actor: houseActor,
      verb: "object.write",
      target,
      outcome: "ok",
      detail: { bytes: 12, version: "ä€\u{1F512}" },
    });
  /** Three days, three lines and a checkpoint each. */
  const threeDays = async (daemon = "s3d"): Promise<void> => {
    const log = await openLog(daemon);
    for (let day = 0; day < 3; day++) {
      for (const name of ["a", "b", "c"]) tell(log, `${day}/${name}`);
      await log.seal();
      clock.advance(dayMs);
    }
    await log[Symbol.asyncDispose]();
  };
  const findings = async (): Promise<string[]> =>
    must(await proveAudit(folder)).chains.flatMap(({ daemon, findings }) =>
      findings.map(({ where, what }) => `${daemon} ${where} ${what}`),
    );
  const dayFiles = async (): Promise<string[]> =>
    (await readdir(folder)).filter((name) => name.endsWith(".jsonl")).sort();
  return { folder, clock, open, openLog, tell, threeDays, findings, dayFiles };
}

test("what was told is kept, chained over days, sealed and proved", async () => {
  const { folder, threeDays, dayFiles } = await trail();
  await threeDays();
  await threeDays("ftpd");
  const proof = must(await proveAudit(folder));
  expect(proof.chains).toMatchObject([
    { daemon: "ftpd", files: 3, lines: 12, checkpoints: 3, sealedTo: 12, findings: [] },
    { daemon: "s3d", files: 3, lines: 12, checkpoints: 3, sealedTo: 12, findings: [] },
  ]);
  for (const name of ["key", ...(await dayFiles())])
    expect([name, (await stat(join(folder, name))).mode & 0o777]).toEqual([name, 0o600]);
});

test("any one bit changed in any file is found", async () => {
  const { folder, threeDays, findings, dayFiles } = await trail();
  await threeDays();
  for (const name of [...(await dayFiles()), "s3d.head"]) {
    const path = join(folder, name);
    const whole = await readFile(path);
    // Every 7th bit position walks over all bits of all kinds of byte; the long run takes each one.
    const stride = process.env["HOLDFAST_LONG"] ? 1 : 61;
    for (let bit = 0; bit < whole.length * 8; bit += stride) {
      const edited = Buffer.from(whole);
      edited[bit >> 3]! ^= 1 << (bit & 7);
      await writeFile(path, edited);
      expect([name, bit, (await findings()).length > 0]).toEqual([name, bit, true]);
    }
    await writeFile(path, whole);
  }
  expect(await findings()).toEqual([]);
});

test("lines taken out, moved or put in are found", async () => {
  const { folder, threeDays, findings, dayFiles } = await trail();
  await threeDays();
  const names = await dayFiles();
  const path = join(folder, names[1]!);
  const lines = (await readFile(path, "utf8")).trimEnd().split("\n");
  const variants: string[][] = [
    lines.slice(1),
    lines.slice(0, -1),
    lines.slice(0, -2),
    [],
    lines.toSpliced(1, 1),
    [lines[1]!, lines[0]!, ...lines.slice(2)],
    [...lines, lines[0]!],
    lines.toSpliced(2, 0, lines[2]!),
    ["", ...lines],
  ];
  for (const variant of variants) {
    await writeFile(path, variant.map((line) => `${line}\n`).join(""));
    expect([variant.length, (await findings()).length > 0]).toEqual([variant.length, true]);
  }
});

test("a deleted file is found: the first, one between, the last, and all of them", async () => {
  const { folder, threeDays, findings, dayFiles } = await trail();
  await threeDays();
  const names = await dayFiles();
  for (const gone of [[names[0]!], [names[1]!], [names[2]!], names]) {
    const kept = await Promise.all(gone.map((name) => readFile(join(folder, name))));
    await Promise.all(gone.map((name) => rm(join(folder, name))));
    expect([gone, (await findings()).length > 0]).toEqual([gone, true]);
    await Promise.all(gone.map((name, i) => writeFile(join(folder, name), kept[i]!)));
  }
  expect(await findings()).toEqual([]);
});

test("a trail made anew with another key is found by the key kept elsewhere", async () => {
  const { folder, tell, threeDays, open } = await trail();
  await threeDays();
  const publicPem = await readFile(join(folder, "key.pub"), "utf8");
  await rm(folder, { recursive: true });
  const forger = must(await open("s3d", 666));
  tell(forger, "nothing happened");
  await forger[Symbol.asyncDispose]();
  expect(must(await proveAudit(folder)).chains[0]!.findings).toEqual([]);
  expect(must(await proveAudit(folder, publicPem)).chains[0]!.findings.length).toBeGreaterThan(0);
});

test("a last line that a crash cut is taken off and told, and the chain goes on", async () => {
  const { folder, openLog, tell, threeDays, findings, dayFiles } = await trail();
  await threeDays();
  const last = join(folder, (await dayFiles())[2]!);
  const whole = await readFile(last, "utf8");
  await writeFile(last, `${whole}{"seq":13,"at":"2026`);
  expect(await findings()).toEqual([expect.stringContaining("cut off")]);
  const log = await openLog();
  tell(log, "after");
  await log[Symbol.asyncDispose]();
  expect(await findings()).toEqual([]);
  const { rows } = must(await auditPage(folder, "s3d", "", 3));
  expect(rows.join("\n")).toContain('"verb":"audit.recover"');
  expect(rows.join("\n")).toContain('"cutBytes":20');
});

test("an end that is gone stays told after a restart", async () => {
  const { folder, openLog, tell, threeDays, findings, dayFiles } = await trail();
  await threeDays();
  await rm(join(folder, (await dayFiles())[2]!));
  const log = await openLog();
  tell(log, "after");
  await log[Symbol.asyncDispose]();
  expect((await findings()).join()).toContain("lines 9 to 12 are missing");
  const lines = must(await auditPage(folder, "s3d", "", 3)).rows.join("\n");
  expect(lines).toContain('"missingLines":4');
});

test("a file cut to nothing by a crash goes on from the day before", async () => {
  const { folder, clock, openLog, tell, threeDays, findings } = await trail();
  await threeDays();
  clock.advance(dayMs);
  await writeFile(join(folder, `s3d-${new Date(clock.wall()).toISOString().slice(0, 10)}.jsonl`), "{");
  const log = await openLog();
  tell(log, "after");
  await log[Symbol.asyncDispose]();
  expect(await findings()).toEqual([]);
});

test("one process a chain; the key is shared", async () => {
  const { openLog, open } = await trail();
  const first = await openLog();
  const second = await open("s3d", 2);
  expect(second).toMatchObject({ ok: false, fault: { code: "busy" } });
  const other = await openLog("ftpd");
  await other[Symbol.asyncDispose]();
  await first[Symbol.asyncDispose]();
  await (await openLog())[Symbol.asyncDispose]();
}, 10_000);

test("a clock set back opens no older file", async () => {
  const { clock, openLog, tell, findings, dayFiles } = await trail();
  const log = await openLog();
  tell(log, "now");
  await log.seal();
  log.tell({
    at: (clock.wall() - 3 * dayMs) as never,
    actor: houseActor,
    verb: "clock.step",
    target: "clock",
    outcome: "ok",
    detail: {},
  });
  await log[Symbol.asyncDispose]();
  expect(await dayFiles()).toHaveLength(1);
  expect(await findings()).toEqual([]);
});

test("pages go back in time over files, each line once", async () => {
  const { folder, threeDays } = await trail();
  await threeDays();
  for (const limit of [1, 2, 5, 100]) {
    const seen: number[] = [];
    let after: string | undefined = "";
    while (after !== undefined) {
      const page: { rows: readonly string[]; next: string | undefined } = must(
        await auditPage(folder, "s3d", after, limit),
      );
      seen.push(...page.rows.map((row) => (JSON.parse(row) as { seq: number }).seq));
      after = page.next;
    }
    expect(seen).toEqual([12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1]);
  }
  expect(await auditChains(folder)).toEqual(["s3d"]);
  for (const bad of ["x", "s3d-2023-11-14.jsonl", "../key:0", "s3d-1999-01-01.jsonl:5"])
    expect(await auditPage(folder, "s3d", bad, 5)).toMatchObject({ ok: false, fault: { code: "invalid" } });
});

test("many at once are kept in order, whatever the page size", async () => {
  const { folder, openLog, tell, findings } = await trail();
  const log = await openLog();
  for (let i = 0; i < 3000; i++) tell(log, `k${i}${"x".repeat(i % 300)}`);
  await log[Symbol.asyncDispose]();
  expect(await findings()).toEqual([]);
  const page = must(await auditPage(folder, "s3d", "", 4000));
  const targets = page.rows
    .map((row) => JSON.parse(row) as { target?: string })
    .filter((line) => line.target);
  expect(targets).toHaveLength(3000);
  expect(targets[0]!.target).toStartWith("k2999");
  await truncate(join(folder, "s3d.head"), 0);
  expect((await findings()).length).toBe(1);
});
