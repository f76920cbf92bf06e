import { directives, everybody, Import, masked, thisHost, type Imported } from "./imported.ts";

type Take = (out: Reading, rest: readonly string[]) => void;

/** What is known while an ntp.conf is read. */
interface Reading {
  readonly out: Import;
  /** Whether the default restriction lets everybody ask. */
  open: boolean;
  readonly allowed: string[];
  readonly denied: string[];
  /** Reference clocks by their address, with what fudge says of them. */
  readonly clocks: Map<string, string[]>;
}

/** Reads an ntp.conf of ntpd or NTPsec. What has no counterpart is noted with its line. */
export function importNtpConf(text: string): Imported {
  const reading: Reading = { out: new Import(), open: true, allowed: [], denied: [], clocks: new Map() };
  const known = new Map<string, Take>(Object.entries(takers));
  for (const { line, said, words } of directives(text, /#.*$/)) {
    const name = words[0]!.toLowerCase();
    reading.out.at(line, said);
    const take = known.get(name);
    if (take) take(reading, words.slice(1));
    else if (!needless.has(name)) reading.out.note("it has no counterpart");
  }
  const { out, open, allowed, denied, clocks } = reading;
  out.at(0, "");
  out.set("ntp", "allow", open ? [...everybody] : [...new Set([...thisHost, ...allowed])]);
  if (denied.length > 0) out.set("ntp", "deny", denied);
  for (const words of clocks.values()) out.add("clock", "refclocks", words.join(" "));
  if (out.get("ntp", "localStratum") === undefined) out.set("ntp", "localStratum", 0);
  return out.done();
}

/** What needs no setting here, because it is always so, or is said elsewhere. */
const needless = new Set(
  `
  driftfile statsdir statistics filegen logfile logconfig pidfile mru mdnstries
  trustedkey requestkey controlkey monitor discard rlimit dscp
`
    .trim()
    .split(/\s+/),
);

function sourceLine(reading: Reading, rest: readonly string[], pool: boolean): void {
  const [host = "", ...options] = rest.filter((word) => !/^-[46]$/.test(word));
  if (/^127\.127\.\d+\.\d+$/.test(host)) return clock(reading, host, options);
  const words = [host];
  const { out } = reading;
  for (let i = 0; i < options.length; i++) {
    const word = options[i]!.toLowerCase();
    if (word === "nts" || word === "prefer") words.push(word);
    else if (word === "key") words.push("key", options[++i] ?? "");
    else if (word === "minpoll" || word === "maxpoll") poll(out, word, Number(options[++i]));
    else if (["version", "mode", "ttl", "ca", "cert", "bias"].includes(word)) {
      if (word !== "version") out.note(`${word} of a server has no counterpart`);
      i++;
    } else if (!["iburst", "burst", "true", "preempt"].includes(word)) {
      out.note(`${word} of a server has no counterpart`);
    }
  }
  if (pool) words.push("pool");
  return out.add("clock", "servers", words.join(" "));
}

function poll(out: Import, word: "minpoll" | "maxpoll", value: number): void {
  const key = word === "minpoll" ? "minPoll" : "maxPoll";
  const before = out.get("clock", key);
  const pick = key === "minPoll" ? Math.min : Math.max;
  const wanted = Math.min(17, Math.max(0, Number.isFinite(value) ? value : 6));
  if (typeof before === "number" && before !== wanted)
    out.note("the polls of all servers are one setting here");
  out.set("clock", key, typeof before === "number" ? pick(before, wanted) : wanted);
}

/** 127.127.TYPE.UNIT: drivers that have a counterpart. */
const drivers: Readonly<Record<string, (unit: string) => string>> = {
  "20": (unit) => `nmea /dev/gps${unit}`,
  "28": (unit) => `shm ${unit}`,
  "46": () => "gpsd 127.0.0.1:2947",
};

function clock({ out, clocks }: Reading, address: string, options: readonly string[]): void {
  const [, , type = "", unit = "0"] = address.split(".");
  if (type === "1") return out.set("ntp", "localStratum", 5);
  const line = drivers[type]?.(unit);
  if (line === undefined) {
    return out.note(`driver ${type} has no counterpart: see gpsd, nmea, shm and exec`);
  }
  clocks.set(address, [line, ...(options.includes("prefer") ? ["prefer"] : [])]);
  return undefined;
}

function fudge({ out, clocks }: Reading, [address = "", ...options]: readonly string[]): void {
  for (let i = 0; i < options.length; i += 2) {
    const [word = "", value = ""] = [options[i], options[i + 1]];
    if (word === "stratum" && address.startsWith("127.127.1.")) out.set("ntp", "localStratum", Number(value));
    else if (word === "refid") clocks.get(address)?.push("refid", value);
    else if (!/^(?:flag\d|stratum)$/.test(word)) out.note(`${word} of a clock has no counterpart`);
  }
}

/** NTPsec: refclock gpsd unit 0 refid GPS */
function refclock({ out, clocks }: Reading, [driver = "", ...options]: readonly string[]): void {
  const after = (word: string): string | undefined => {
    const at = options.indexOf(word);
    return at < 0 ? undefined : options[at + 1];
  };
  const unit = after("unit") ?? "0";
  const lines: Readonly<Record<string, string>> = {
    shm: `shm ${unit}`,
    gpsd: "gpsd 127.0.0.1:2947",
    nmea: `nmea ${after("path") ?? `/dev/gps${unit}`}`,
  };
  if (driver === "local") {
    out.set("ntp", "localStratum", Number(after("stratum") ?? 5));
    return;
  }
  const line = Object.hasOwn(lines, driver) ? lines[driver]! : undefined;
  if (line === undefined) return out.note(`${driver} clocks have no counterpart`);
  const refid = after("refid");
  const prefer = options.includes("prefer") ? ["prefer"] : [];
  clocks.set(line, [line, ...(refid === undefined ? [] : ["refid", refid]), ...prefer]);
  return undefined;
}

function restrict(reading: Reading, rest: readonly string[]): void {
  const words = rest.filter((word) => !/^-[46]$/.test(word));
  const [who = "", ...flags] = words;
  const at = flags.indexOf("mask");
  const refuses = flags.includes("ignore") || flags.includes("noserve");
  if (who === "default") {
    if (refuses) reading.open = false;
    return;
  }
  if (who === "source") return;
  const network = who.includes("/") ? who : masked(who, at < 0 ? undefined : flags[at + 1]);
  if (network === undefined || !/^[\da-fA-F.:]+\/\d+$/.test(network)) reading.out.note("this is no network");
  else if (refuses) reading.denied.push(network);
  else reading.allowed.push(network);
}

/** tos and tinker: words with a number each. */
const pairs =
  (known: Readonly<Record<string, (out: Import, value: number) => void>>): Take =>
  ({ out }, rest) => {
    for (let i = 0; i < rest.length; i += 2) {
      const word = rest[i]!;
      const value = Number(rest[i + 1]);
      if (Object.hasOwn(known, word) && Number.isFinite(value)) known[word]!(out, value);
      else out.note(`${word} has no counterpart`);
    }
  };

const span = (seconds: number): string =>
  Number.isInteger(seconds) ? `${seconds}s` : `${Math.round(seconds * 1000)}ms`;

function interfaces({ out }: Reading, [action = "", which = ""]: readonly string[]): void {
  if (action === "listen" && /^[\d.]+$/.test(which)) out.set("ntp", "listen", `${which}:123`);
  else if (action === "listen" && which.includes(":")) out.set("ntp", "listen", `[${which}]:123`);
  else if (action === "listen" && /^[a-z]/.test(which) && which !== "all") out.set("ntp", "device", which);
  else out.note("listen on one address (ntp.listen) or through one interface (ntp.device)");
}

const ntsSettings: Readonly<Record<string, readonly [string, string]>> = {
  cert: ["nts", "certificate"],
  key: ["nts", "key"],
  ca: ["clock", "ntsCa"],
};

function nts({ out }: Reading, rest: readonly string[]): void {
  if (rest[0] === "enable" || rest[0] === "disable") {
    out.set("nts", "enabled", rest[0] === "enable");
    return;
  }
  for (let i = 0; i < rest.length; i += 2) {
    const setting = Object.hasOwn(ntsSettings, rest[i]!) ? ntsSettings[rest[i]!] : undefined;
    if (setting) out.set(...setting, rest[i + 1] ?? "");
    else out.note(`${rest[i]} has no counterpart`);
  }
}

const takers: Readonly<Record<string, Take>> = {
  server: (reading, rest) => sourceLine(reading, rest, false),
  pool: (reading, rest) => sourceLine(reading, rest, true),
  peer(reading, rest) {
    reading.out.note("a peer is asked as a server is: say so on the other side too");
    sourceLine(reading, rest, false);
  },
  fudge,
  refclock,
  restrict,
  keys: ({ out }, [path = ""]) => out.set("ntp", "keyFile", path),
  leapfile: ({ out }, [path = ""]) => out.set("clock", "leapFile", path),
  leapsmearinterval: ({ out }) =>
    out.note("who wants smeared time asks a listener of its own: ntp.smearListen"),
  tinker: pairs({
    panic: (out, value) => out.set("clock", "panicAbove", value === 0 ? "365d" : span(value)),
    step: (out, value) => out.set("clock", "stepAbove", value === 0 ? "365d" : span(value)),
  }),
  tos: pairs({
    minsane: (out, value) => out.set("clock", "minSources", Math.min(64, Math.max(1, value))),
    maxdist: (out, value) => out.set("clock", "maxDistance", span(Math.min(16, value))),
    orphan: (out, value) => out.set("ntp", "localStratum", Math.min(15, Math.max(1, value))),
  }),
  interface: interfaces,
  nic: interfaces,
  nts,
  broadcast: ({ out }) => out.note("broadcasting is not served: it cannot be secured"),
  broadcastclient: ({ out }) => out.note("broadcasts are not listened to: they cannot be secured"),
  includefile: ({ out }) => out.note("import that file by itself"),
  disable: ({ out }, rest) => {
    if (rest.some((word) => word !== "monitor" && word !== "stats")) out.note("it has no counterpart");
  },
  enable: ({ out }, rest) => {
    if (rest.some((word) => word !== "monitor" && word !== "stats")) out.note("it has no counterpart");
  },
};
