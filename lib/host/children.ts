import type { Log } from "../watch/log.ts";

/** A program that a parent keeps running. */
export interface ChildPlan {
  readonly name: string;
  readonly command: readonly string[];
}

export interface ChildWatch {
  readonly log: Log;
  /** A line of the child's standard error. */
  onLine(name: string, line: string): void;
  /** A line of the child's standard output. True: by it the child says that it serves. */
  onSaid(name: string, line: string): boolean;
  /** A number from 0 to 1, to spread restarts. */
  chance(): number;
}

/** How a child's first start ended. */
export type Settled =
  | { readonly serving: true }
  | { readonly serving: false; readonly code: number; readonly said: string };

export interface Children {
  /** Once each child serves or has been given up, by name. */
  readonly settled: Promise<ReadonlyMap<string, Settled>>;
  /** Process ids of those that run. */
  pids(): ReadonlyMap<string, number>;
  /** Sends a signal to each that runs. */
  signal(signal: NodeJS.Signals): void;
  /** Asks all to end (SIGTERM), and ends those that have not after `stopMs` (SIGKILL). */
  stop(): Promise<void>;
}

/** The house's rules for keeping children alive. */
export const keeping = {
  /** Wait before the first restart; doubled by each further one, ±25 %. */
  firstWaitMs: 250,
  longestWaitMs: 10_000,
  /** A child that served so long is healthy: the next wait is the first one again. */
  healthyMs: 30_000,
  /** A child that never served is given up after so many starts: its port is taken, its files are not ours.
   *  One that has served is started again for ever. */
  firstStarts: 3,
  /** Exit codes that a restart cannot mend: usage (64), configuration (78). */
  hopeless: [64, 78] as readonly number[],
  stopMs: 4750,
  /** Longest line of a child that is taken as one. */
  lineBytes: 64 * 1024,
} as const;

/** Starts programs and keeps them running. A child's standard input is a pipe that ends when this process
 *  does, however it ends: a child that watches it leaves no orphan. */
export function keepChildren(plans: readonly ChildPlan[], watch: ChildWatch): Children {
  const children = plans.map((plan) => new Child(plan, watch));
  for (const child of children) child.start();
  const settling = children.map(async (child) => [child.plan.name, await child.settled] as const);
  return {
    settled: Promise.all(settling).then((all) => new Map(all)),
    pids: () => new Map(children.flatMap((child) => (child.pid ? [[child.plan.name, child.pid]] : []))),
    signal: (signal) => children.forEach((child) => child.signal(signal)),
    stop: async () => void (await Promise.all(children.map((child) => child.stop()))),
  };
}

type Process = Bun.Subprocess<"pipe", "pipe", "pipe">;

class Child {
  readonly plan: ChildPlan;
  readonly settled: Promise<Settled>;
  readonly #settle: (how: Settled) => void;
  readonly #watch: ChildWatch;
  readonly #log: Log;
  #process: Process | undefined;
  #starts = 0;
  #hasServed = false;
  #waitMs: number = keeping.firstWaitMs;
  #stopping = false;
  #timer: Timer | undefined;
  /** The last lines on standard error, for telling why a first start failed. */
  #lastLines: string[] = [];

  constructor(plan: ChildPlan, watch: ChildWatch) {
    this.plan = plan;
    this.#watch = watch;
    this.#log = watch.log.with({ child: plan.name });
    const { promise, resolve } = Promise.withResolvers<Settled>();
    this.settled = promise;
    this.#settle = resolve;
  }

  get pid(): number | undefined {
    return this.#process?.pid;
  }

  start(): void {
    this.#starts++;
    this.#lastLines = [];
    const startedAt = performance.now();
    const child = Bun.spawn([...this.plan.command], { stdin: "pipe", stdout: "pipe", stderr: "pipe" });
    this.#process = child;
    const said = readLines(child.stdout, (line) => this.#said(line));
    const told = readLines(child.stderr, (line) => this.#told(line));
    void Promise.all([child.exited, said, told]).then(([code]) => {
      this.#process = undefined;
      this.#ended(code, performance.now() - startedAt);
    });
  }

  signal(signal: NodeJS.Signals): void {
    this.#process?.kill(signal);
  }

  async stop(): Promise<void> {
    this.#stopping = true;
    clearTimeout(this.#timer);
    const child = this.#process;
    if (!child) return this.#settle({ serving: false, code: 0, said: "" });
    child.kill("SIGTERM");
    const late = setTimeout(() => {
      this.#log.warn("child did not stop in time, killed", { afterMs: keeping.stopMs });
      child.kill("SIGKILL");
    }, keeping.stopMs);
    await child.exited;
    clearTimeout(late);
  }

  #said(line: string): void {
    if (!this.#watch.onSaid(this.plan.name, line)) return;
    this.#hasServed = true;
    this.#settle({ serving: true });
  }

  #told(line: string): void {
    this.#lastLines = [...this.#lastLines.slice(-7), line];
    this.#watch.onLine(this.plan.name, line);
  }

  #ended(code: number, ranMs: number): void {
    if (this.#stopping) return this.#settle({ serving: false, code, said: "" });
    const hopeless = keeping.hopeless.includes(code);
    if (hopeless || (!this.#hasServed && this.#starts >= keeping.firstStarts)) {
      this.#log.error("child given up", { code, starts: this.#starts });
      return this.#settle({ serving: false, code, said: this.#lastLines.join("\n") });
    }
    if (ranMs >= keeping.healthyMs) this.#waitMs = keeping.firstWaitMs;
    const waitMs = Math.round(this.#waitMs * (0.75 + this.#watch.chance() / 2));
    this.#waitMs = Math.min(this.#waitMs * 2, keeping.longestWaitMs);
    this.#log.warn("child ended, starting it again", { code, ranMs: Math.round(ranMs), waitMs });
    this.#timer = setTimeout(() => this.start(), waitMs);
  }
}

/** Hands on each line of a stream, until it ends. What is longer than a line may be comes in pieces. */
async function readLines(stream: ReadableStream<Uint8Array>, take: (line: string) => void): Promise<void> {
  const decoder = new TextDecoder();
  let held = "";
  for await (const chunk of stream) {
    held += decoder.decode(chunk, { stream: true });
    const lines = held.split("\n");
    held = lines.pop()!;
    for (const line of lines) take(line);
    if (held.length < keeping.lineBytes) continue;
    take(held);
    held = "";
  }
  if (held !== "") take(held);
}
