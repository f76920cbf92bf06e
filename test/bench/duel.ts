/** Ours and a peer in turn, A B A B, on one machine in the same minutes: only the ratio means anything. */
import { useOf } from "./process.ts";
import { median, record, type Entry } from "./record.ts";

/** A server under test. */
export interface Contender {
  readonly name: string;
  /** What its answer promises, where that matters: "on disk before the answer", "page cache". */
  readonly promise?: string;
  start(): Promise<Running>;
}

export interface Running extends AsyncDisposable {
  readonly pids: readonly number[];
  /** One measured run: how many units it did in how many seconds. */
  run(): Promise<Tally>;
}

export interface Tally {
  readonly units: number;
  readonly seconds: number;
  /** Milliseconds, where single operations were timed. */
  readonly p50?: number;
  readonly p99?: number;
}

export interface Duel {
  /** "S3 GET 4 KiB, 32 connections". */
  readonly title: string;
  /** "requests/s", "MB/s". */
  readonly unit: string;
  readonly rounds: number;
  readonly contenders: readonly Contender[];
}

interface Row {
  readonly rate: number;
  readonly cpuPerUnit: number;
  readonly peakBytes: number;
  readonly p50: number | undefined;
  readonly p99: number | undefined;
}

/** As an entry of the bench. */
export const entryOf = (duel: Duel): Entry => ({ title: duel.title, run: () => fight(duel) });

async function fight(duel: Duel): Promise<void> {
  console.log(`\n${duel.title}`);
  const rows = new Map<string, Row[]>(duel.contenders.map((c) => [c.name, []]));
  for (let round = 1; round <= duel.rounds; round++) {
    for (const contender of duel.contenders) {
      const row = await measure(contender);
      rows.get(contender.name)!.push(row);
      console.log(
        `  round ${round}/${duel.rounds}  ${contender.name.padEnd(22)} ${show(row.rate)} ${duel.unit}`,
      );
    }
  }
  const table = tableOf(duel, rows);
  console.log(`\n${table}`);
  await record(duel.title, `${duel.rounds} rounds in turn`, table);
}

async function measure(contender: Contender): Promise<Row> {
  await using running = await contender.start();
  const before = useOf(running.pids);
  const tally = await running.run();
  const after = useOf(running.pids);
  return {
    rate: tally.units / tally.seconds,
    cpuPerUnit: (after.cpuSeconds - before.cpuSeconds) / tally.units,
    peakBytes: after.peakBytes,
    p50: tally.p50,
    p99: tally.p99,
  };
}

function tableOf(duel: Duel, rows: ReadonlyMap<string, Row[]>): string {
  const ours = rows.get(duel.contenders[0]!.name)!;
  const columns = [duel.unit, "ours ÷ it", "p50 / p99 ms", "CPU µs a unit", "peak MB"];
  const head = `| median (min–max) | ${columns.join(" | ")} |`;
  const lines = duel.contenders.map(({ name, promise }) => {
    const mine = rows.get(name)!;
    const rates = spread(mine.map((row) => row.rate));
    const ratios =
      name === duel.contenders[0]!.name ? "–" : spread(mine.map((row, i) => ours[i]!.rate / row.rate));
    const p50 = median(mine.flatMap((row) => row.p50 ?? []));
    const p99 = median(mine.flatMap((row) => row.p99 ?? []));
    const delay = p50 === undefined || p99 === undefined ? "–" : `${p50.toFixed(2)} / ${p99.toFixed(2)}`;
    const cpu = (median(mine.map((row) => row.cpuPerUnit))! * 1e6).toPrecision(3);
    const peak = (Math.max(...mine.map((row) => row.peakBytes)) / 1e6).toFixed(0);
    return `| ${[promise ? `${name} (${promise})` : name, rates, ratios, delay, cpu, peak].join(" | ")} |`;
  });
  return [head, "|---|---|---|---|---|---|", ...lines].join("\n");
}

function spread(values: readonly number[]): string {
  return `${show(median(values)!)} (${show(Math.min(...values))}–${show(Math.max(...values))})`;
}

const show = (value: number): string =>
  value >= 100 ? Math.round(value).toLocaleString("en") : value.toPrecision(3);
