import { createReadStream } from "node:fs";
import { connect } from "node:net";
import { createInterface } from "node:readline";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { RefSource } from "../../lib/gate/time/ref-source.ts";
import { attachSegment, type SharedSegment } from "../../lib/host/platform/shared-memory.ts";
import { gpsdWatch, readGpsdLine } from "../../lib/proto/refclock/gpsd.ts";
import { readJsonLine } from "../../lib/proto/refclock/json-line.ts";
import { readNmea } from "../../lib/proto/refclock/nmea.ts";
import type { RefReading } from "../../lib/proto/refclock/reading.ts";
import { readShm, shmBytes, shmKey } from "../../lib/proto/refclock/shm.ts";
import type { Log } from "../../lib/watch/log.ts";

const kinds = ["gpsd", "nmea", "shm", "exec"] as const;
type Kind = (typeof kinds)[number];

/** One entry of clock.refclocks. */
export interface RefClockLine {
  readonly kind: Kind;
  /** HOST:PORT, a device, a unit, a command. */
  readonly from: string;
  readonly source: RefSource;
  /** Seconds: how much its readings scatter, where they do not say. */
  readonly noise: number;
}

const usualNoise: Readonly<Record<Kind, number>> = { gpsd: 0.01, nmea: 0.01, shm: 1e-3, exec: 1e-3 };
const usualUncertainty: Readonly<Record<Kind, number>> = { gpsd: 0.05, nmea: 0.1, shm: 1e-3, exec: 1e-3 };
/** A source that is gone is looked for again after so long. */
const againMs = 10_000;
const shmEveryMs = 1000;

/** Reads "gpsd 127.0.0.1:2947 refid GPS uncertainty 0.01 prefer". Faults: invalid. */
export function parseRefClock(line: string): Result<RefClockLine> {
  const options = /\s+(?:refid\s+(\w{1,4})|uncertainty\s+([\d.]+)|noise\s+([\d.]+)|(prefer))\s*$/;
  let rest = line.trim();
  const said: { letters?: string; uncertainty?: number; noise?: number; prefer?: boolean } = {};
  for (let match = options.exec(rest); match; match = options.exec(rest)) {
    rest = rest.slice(0, match.index);
    if (match[1] !== undefined) said.letters = match[1];
    if (match[2] !== undefined) said.uncertainty = Number(match[2]);
    if (match[3] !== undefined) said.noise = Number(match[3]);
    if (match[4] !== undefined) said.prefer = true;
  }
  const [, word, from = ""] = /^(\w+)\s+(.+)$/.exec(rest) ?? [];
  const kind = kinds.find((one) => one === word);
  if (!kind || from === "") {
    const like = '"gpsd 127.0.0.1:2947", "nmea /dev/ttyS0", "shm 0" or "exec COMMAND"';
    const mend = `like ${like}; then refid, uncertainty, noise, prefer`;
    return fail("invalid", "a reference clock that is none", { where: line, mend });
  }
  const { letters = kind === "exec" ? "LOCL" : "GPS", prefer = false } = said;
  const uncertainty = said.uncertainty ?? usualUncertainty[kind];
  const source = new RefSource({ name: rest, letters, prefer, uncertainty });
  return ok({ kind, from, source, noise: said.noise ?? usualNoise[kind] });
}

export interface RefClockHow {
  readonly tell: (reading: RefReading) => void;
  /** Unix seconds by the system's clock. */
  readonly systemNow: () => number;
  readonly log: Log;
}

/** Listens to a reference clock until it is disposed of; one that goes away is looked for again. */
export function listenToRefClock(line: RefClockLine, how: RefClockHow): Disposable {
  const state = { ended: false, stop: () => {} };
  const begin = starters[line.kind];
  const loop = async (): Promise<void> => {
    while (!state.ended) {
      const why = await begin(line, how, (stop) => (state.stop = stop));
      if (state.ended) break;
      how.log.warn("a reference clock is silent", { clock: line.source.how.name, why });
      await Bun.sleep(againMs);
    }
  };
  void loop();
  return {
    [Symbol.dispose]() {
      state.ended = true;
      state.stop();
    },
  };
}

/** Listens until the clock is gone, and says why it is. */
type Starter = (line: RefClockLine, how: RefClockHow, onStop: (stop: () => void) => void) => Promise<string>;

const built = Date.UTC(2026, 10, 1) / 1000;

const starters: Record<Kind, Starter> = {
  gpsd: (line, how, onStop) => {
    const [host, port = "2947"] = line.from.split(/:(?=\d+$)/);
    const socket = connect(Number(port), host);
    onStop(() => socket.destroy());
    socket.write(gpsdWatch);
    let lastPulse = 0;
    return lines(socket, (text) => {
      const reading = readGpsdLine(text);
      if (reading?.pulse) lastPulse = performance.now();
      // Where there are pulses, what the serial line says would only add noise.
      if (reading && (reading.pulse || performance.now() - lastPulse > 10_000)) how.tell(reading);
    });
  },
  nmea: (line, how, onStop) => {
    const stream = createReadStream(line.from, { encoding: "latin1" });
    onStop(() => stream.destroy());
    return lines(stream, (text) => {
      const reading = readNmea(text, built);
      if (reading) how.tell(reading);
    });
  },
  exec: async (line, how, onStop) => {
    const child = Bun.spawn(line.from.split(/\s+/), { stdin: "ignore", stdout: "pipe", stderr: "ignore" });
    onStop(() => child.kill());
    const decoder = new TextDecoder();
    let held = "";
    for await (const chunk of child.stdout) {
      held = (held + decoder.decode(chunk, { stream: true })).slice(-8192);
      const whole = held.split("\n");
      held = whole.pop()!;
      for (const text of whole) {
        const reading = readJsonLine(text, how.systemNow());
        if (reading) how.tell(reading);
      }
    }
    return `it ended with ${await child.exited}`;
  },
  shm: async (line, how, onStop) => {
    const segment = attachSegment(shmKey(Number(line.from)), shmBytes);
    if (!segment.ok) return segment.fault.what;
    const state = { going: true };
    onStop(() => (state.going = false));
    while (state.going) {
      readSegment(segment.value, how);
      await Bun.sleep(shmEveryMs);
    }
    return "stopped";
  },
};

function readSegment({ view }: SharedSegment, how: RefClockHow): void {
  const copy = new DataView(new ArrayBuffer(shmBytes));
  for (let at = 0; at < shmBytes; at += 4) copy.setInt32(at, view.getInt32(at, true), true);
  const reading = readShm(copy, view.getInt32(4, true));
  view.setInt32(48, 0, true);
  if (reading) how.tell(reading);
}

/** Reads lines until the stream ends; says why it did. */
function lines(
  stream: NodeJS.ReadableStream & { destroy(): unknown },
  take: (line: string) => void,
): Promise<string> {
  const reader = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  reader.on("line", take);
  return new Promise((resolve) => {
    const failed = (error: Error): void => resolve(error.message);
    stream.on("error", failed);
    reader.on("error", failed); // it passes on the stream's
    reader.once("close", () => resolve("it closed"));
  });
}
