/** The evidence of a running daemon: reported, proved offline, and shown to have been tampered with where it
 *  was; the PDF read by poppler. */
import { expect } from "bun:test";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { top } from "../sources.ts";
import { apt, needs, run, type Ran } from "./peers.ts";
import { startUtcd, type Utcd } from "./utcd.ts";

const observing = ["--clock-mode", "observe", "--clock-min-poll", "0", "--clock-max-poll", "1"];
const quick = ["--evidence-interval", "1s", "--http-time-listen", "127.0.0.1:0"];

function holdfast(utcd: Pick<Utcd, "data">, ...words: string[]): Promise<Ran> {
  const main = join(top, "cmd/holdfast/main.ts");
  const command = [process.execPath, "--no-env-file", main, ...words, "--data", utcd.data];
  return run(command, { seconds: 20 });
}

async function synchronised(utcd: Utcd): Promise<void> {
  for (let i = 0; i < 60; i++) {
    const said = await holdfast(utcd, "time", "tracking", "--json");
    if (said.out.includes('"synchronised": true')) return;
    await Bun.sleep(300);
  }
  throw new Error("never synchronised");
}

interface Report {
  readonly verdict: string;
  readonly reasons: string[];
  readonly evidence: { readonly lines: number; readonly findings: unknown[] };
  readonly sources: { readonly name: string }[];
  readonly worst: { readonly bound: number };
}

async function report(utcd: Pick<Utcd, "data">, ...more: string[]): Promise<Report> {
  const ran = await holdfast(utcd, "time", "report", "--json", ...more);
  return JSON.parse(ran.out) as Report;
}

needs(apt("pdftotext", "poppler-utils"))(
  "what a daemon did is reported, and no bit of it can change",
  async () => {
    await using server = await startUtcd();
    const servers = ["--clock-servers", `127.0.0.1 port ${server.ports["ntp"]}`];
    const utcd = await startUtcd({ flags: [...observing, ...quick, ...servers] });
    await using _ = utcd;
    await synchronised(utcd);
    await Bun.sleep(4000);

    const answer = await fetch(`http://127.0.0.1:${utcd.ports["http-time"]}/time`);
    const now = (await answer.json()) as { time: string; earliest: string; latest: string; bound: number };
    expect(Math.abs(Date.parse(now.time) - Date.now())).toBeLessThan(2000);
    expect(now.earliest < now.time && now.time < now.latest).toBe(true);
    expect((await fetch(`http://127.0.0.1:${utcd.ports["http-time"]}/`)).status).toBe(404);

    const history = JSON.parse((await holdfast(utcd, "time", "history", "--json")).out) as {
      count: number;
    }[];
    expect(history.reduce((sum, { count }) => sum + count, 0)).toBeGreaterThan(2);
    const source = JSON.parse(
      (await holdfast(utcd, "time", "history", "127.0.0.1", "--json")).out,
    ) as unknown[];
    expect(source.length).toBeGreaterThan(0);

    process.kill(utcd.pid, "SIGTERM");
    await Bun.sleep(1500);
    // From its first line on all is covered: the first seconds without a majority are an excursion of their
    // own.
    const pdf = join(utcd.data, "report.pdf");
    const first = await report(utcd, "--since", "2s", "--profile", "1s", "--pdf", pdf);
    expect(first.sources.map(({ name }) => name)).toEqual(["127.0.0.1"]);
    expect(first.evidence.findings).toEqual([]);
    expect(first.verdict).toBe(first.worst.bound > 1 ? "exceeded" : "within");
    const text = await run(["pdftotext", "-layout", pdf, "-"]);
    expect(text.err).toBe("");
    expect(text.out).toContain("Traceability of time to UTC");
    expect(text.out).toContain("127.0.0.1");
    expect((await holdfast(utcd, "audit", "verify")).code).toBe(0);

    const folder = join(utcd.data, "audit");
    const file = join(
      folder,
      (await readdir(folder)).find((name) => name.startsWith("time-"))!,
    );
    const bytes = await readFile(file);
    const at = bytes.lastIndexOf('"stratum":') + 10;
    bytes[at]! ^= 1;
    await writeFile(file, bytes);
    const forged = await report(utcd, "--since", "2s", "--profile", "1s");
    expect(forged.evidence.findings.length).toBeGreaterThan(0);
    expect(forged.verdict).not.toBe("within");
  },
);
