import { directives, everybody, Import, thisHost, type Imported } from "./imported.ts";

type Take = (out: Import, rest: readonly string[]) => void;

/** Reads a chrony.conf as chrony 4 documents it. What has no counterpart is noted with its line. */
export function importChrony(text: string): Imported {
  const out = new Import();
  const known = new Map<string, Take>(Object.entries(takers));
  for (const { line, said, words } of directives(text, /^\s*[#%;!].*$/)) {
    const name = words[0]!.toLowerCase();
    out.at(line, said);
    const take = known.get(name);
    if (take) take(out, words.slice(1));
    else if (!needless.has(name)) out.note("it has no counterpart");
  }
  // chrony serves nobody unless told so, and claims nothing while it has no source.
  out.at(0, "");
  if (out.get("ntp", "allow") === undefined) out.set("ntp", "allow", [...thisHost]);
  if (out.get("ntp", "localStratum") === undefined) out.set("ntp", "localStratum", 0);
  return out.done();
}

/** What needs no setting here, because it is always so, or is said elsewhere (the service, the log section).
 *  */
const needless = new Set(
  `
  rtcsync log logdir logbanner user pidfile dumpdir ntsdumpdir lock_all sched_priority noclientlog
  cmdport cmdallow cmddeny cmdratelimit bindcmdaddress bindacqaddress bindacqdevice dumponexit
  maxupdateskew maxclockerror corrtimeratio maxdrift combinelimit reselectdist stratumweight
  maxjitter driftfile ntsrefresh ntsrotate ntsprocesses maxntsconnections nocerttimecheck logchange
  opencommands
`
    .trim()
    .split(/\s+/),
);

const number = (text: string | undefined): number | undefined =>
  text !== undefined && /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : undefined;

function sourceLine(out: Import, [host = "", ...options]: readonly string[], pool: boolean): void {
  const words = [host];
  for (let i = 0; i < options.length; i++) {
    const word = options[i]!.toLowerCase();
    const value = options[i + 1];
    if (word === "nts" || word === "prefer" || word === "xleave") words.push(word);
    else if (["port", "ntsport", "key"].includes(word)) words.push(word, options[++i] ?? "");
    else if (word === "minpoll" || word === "maxpoll") {
      poll(out, word === "minpoll" ? "minPoll" : "maxPoll", number(value));
      i++;
    } else if (withValue.has(word)) {
      out.note(`${word} of a server has no counterpart`);
      i++;
    } else if (!always.has(word)) out.note(`${word} of a server has no counterpart`);
  }
  if (pool) words.push("pool");
  out.add("clock", "servers", words.join(" "));
}

/** Options of a server that are always so here. */
const always = new Set(["iburst", "auto_offline", "offline", "require", "trust", "copy", "burst"]);
const withValue = new Set(
  `
  maxdelay maxdelayratio maxdelaydevratio maxdelayquant mindelay asymmetry offset minsamples
  maxsamples filter polltarget presend minstratum version maxsources certset extfield maxunreach
`
    .trim()
    .split(/\s+/),
);

/** The least minpoll and the greatest maxpoll of all servers hold for each. */
function poll(out: Import, key: "minPoll" | "maxPoll", value: number | undefined): void {
  if (value === undefined) return out.note(`${key} is no number`);
  const before = out.get("clock", key);
  const wanted = Math.min(17, Math.max(0, value));
  if (wanted !== value) out.note(`the poll is ${wanted} here`);
  if (typeof before === "number" && before !== wanted)
    out.note("the polls of all servers are one setting here");
  const pick = key === "minPoll" ? Math.min : Math.max;
  return out.set("clock", key, typeof before === "number" ? pick(before, wanted) : wanted);
}

function access(out: Import, key: "allow" | "deny", rest: readonly string[]): void {
  const where = rest[0] === "all" ? rest[1] : rest[0];
  if (rest[0] === "all") out.note("the order of allow and deny does not count here: what is denied stays so");
  if (where === undefined) for (const network of everybody) out.add("ntp", key, network);
  else if (/^[\d.]+(?:\/\d+)?$/.test(where)) out.add("ntp", key, wholeIpv4(where));
  else if (where.includes(":")) out.add("ntp", key, where);
  else out.note("a name is no network here");
}

/** chrony reads "10.1" as 10.1.0.0/16. */
function wholeIpv4(text: string): string {
  const [address = "", bits] = text.split("/");
  const parts = address.split(".").filter(Boolean);
  const whole = [...parts, "0", "0", "0"].slice(0, 4).join(".");
  return `${whole}/${bits ?? String(parts.length * 8)}`;
}

const seconds = (value: number): string =>
  value >= 1 && Number.isInteger(value) ? `${value}s` : `${Math.max(1, Math.round(value * 1000))}ms`;

function refclock(out: Import, [driver = "", where = "", ...options]: readonly string[]): void {
  if (driver.toLowerCase() !== "shm")
    return out.note(`${driver} clocks have no counterpart: see gpsd, nmea, shm and exec`);
  const words = [`shm ${where.split(":")[0]}`];
  for (let i = 0; i < options.length; i++) {
    const word = options[i]!.toLowerCase();
    if (word === "refid") words.push("refid", options[++i] ?? "");
    else if (word === "precision") words.push("noise", String(Number(options[++i] ?? "0.001")));
    else if (word === "prefer") words.push("prefer");
    else if (word === "trust" || word === "require" || word === "pps") continue;
    else {
      out.note(`${word} of a clock has no counterpart`);
      i++;
    }
  }
  return out.add("clock", "refclocks", words.join(" "));
}

/** A setting that takes one number. */
const numeric =
  (section: string, key: string, written: (value: number) => unknown): Take =>
  (out, [text]) => {
    const value = number(text);
    if (value === undefined) out.note("a number is wanted");
    else out.set(section, key, written(value));
  };
const texts =
  (section: string, key: string): Take =>
  (out, [value = ""]) =>
    out.set(section, key, value);

const between = (least: number, most: number) => (value: number) =>
  Math.min(most, Math.max(least, Math.round(value)));

const takers: Readonly<Record<string, Take>> = {
  server: (out, rest) => sourceLine(out, rest, false),
  pool: (out, rest) => sourceLine(out, rest, true),
  peer(out, rest) {
    out.note("a peer is asked as a server is: say so on the other side too");
    sourceLine(out, rest, false);
  },
  refclock,
  allow: (out, rest) => access(out, "allow", rest),
  deny: (out, rest) => access(out, "deny", rest),
  local(out, rest) {
    const at = rest.indexOf("stratum");
    out.set("ntp", "localStratum", at < 0 ? 10 : between(1, 15)(number(rest[at + 1]) ?? 10));
    if (rest.includes("orphan")) out.note("orphan has no counterpart: this host always claims its stratum");
  },
  makestep(out, [above, count]) {
    out.set("clock", "stepAbove", seconds(number(above) ?? 1));
    const limit = number(count) ?? 3;
    out.set("clock", "stepUpdates", limit < 0 ? 1_000_000 : between(0, 1_000_000)(limit));
  },
  maxchange(out, [offset]) {
    out.set("clock", "panicAbove", seconds(number(offset) ?? 1000));
  },
  maxdistance: numeric("clock", "maxDistance", (value) => seconds(Math.min(16, value))),
  maxslewrate: numeric("clock", "maxSlew", between(1, 500)),
  minsources: numeric("clock", "minSources", between(1, 64)),
  minpoll: (out, [value]) => poll(out, "minPoll", number(value)),
  maxpoll: (out, [value]) => poll(out, "maxPoll", number(value)),
  keyfile: texts("ntp", "keyFile"),
  port(out, [value = "123"]) {
    if (value === "0") out.note("a server that is off: allow is this host alone, on the usual port");
    else out.set("ntp", "listen", `[::]:${value}`);
  },
  bindaddress(out, [address = ""]) {
    const port = (out.text("ntp", "listen") ?? "[::]:123").replace(/^.*:/, "");
    if (out.get("ntp", "listen") !== undefined) out.note("one address is listened on here: this is it");
    out.set("ntp", "listen", `${address.includes(":") ? `[${address}]` : address}:${port}`);
  },
  binddevice: texts("ntp", "device"),
  dscp: numeric("ntp", "dscp", between(0, 63)),
  clientloglimit: numeric("ntp", "clients", (bytes) => between(64, 4_194_304)(bytes / 24)),
  ratelimit(out, rest) {
    const of = (name: string, usual: number): number => number(rest[rest.indexOf(name) + 1]) ?? usual;
    const interval = rest.includes("interval") ? of("interval", 3) : 3;
    out.set("ntp", "rateInterval", seconds(Math.min(3600, 2 ** interval)));
    out.set("ntp", "rateBurst", between(1, 255)(rest.includes("burst") ? of("burst", 8) : 8));
    out.set("ntp", "rateLeak", between(0, 255)(2 ** (rest.includes("leak") ? of("leak", 2) : 2)));
  },
  ntsserverkey: texts("nts", "key"),
  ntsservercert: texts("nts", "certificate"),
  ntsport: (out, [port = "4460"]) => out.set("nts", "listen", `[::]:${port}`),
  ntsntpserver: texts("nts", "server"),
  ntstrustedcerts: (out, rest) => out.set("clock", "ntsCa", rest.at(-1) ?? ""),
  leapseclist: texts("clock", "leapFile"),
  leapsectz: (out) => out.note("the system's leap-seconds.list is read instead of the time zone's table"),
  leapsecmode(out, [mode = "system"]) {
    if (mode !== "system") out.note("who wants smeared time asks a listener of its own: ntp.smearListen");
  },
  smoothtime: (out) => out.note("who wants smeared time asks a listener of its own: ntp.smearListen"),
  include: (out) => out.note("import that file by itself"),
  confdir: (out) => out.note("import its files by themselves"),
  sourcedir: (out) => out.note("import its files by themselves"),
  hwtimestamp: (out) => out.note("stamps are the kernel's, not the network card's"),
};
