import {
  boolean,
  duration,
  endpoint,
  enumeration,
  integer,
  list,
  network,
  path,
  text,
} from "../../lib/config/field.ts";
import { section, type ConfigOf } from "../../lib/config/section.ts";

/** Loopback, private and link-local networks: who a time server in a house is for. */
const ownNetworks = [
  "127.0.0.0/8",
  "10.0.0.0/8",
  "172.16.0.0/12",
  "192.168.0.0/16",
  "169.254.0.0/16",
  "::1/128",
  "fc00::/7",
  "fe80::/10",
];

const aNetwork = network({ doc: "A network." });

const ntpSection = section("ntp", "The NTP server.", {
  listen: endpoint({ default: "[::]:123", unprivileged: "[::]:11123", doc: "Where clients ask." }),
  smearListen: endpoint({
    doc: "A second address, where leap seconds are smeared, noon to noon; never mix it with another.",
  }),
  device: text({ doc: "Serve through this network interface alone." }),
  dscp: integer({ default: 0, max: 63, doc: "Differentiated services code point of replies." }),
  threads: integer({ default: 1, min: 1, max: 64, doc: "Threads that answer; one a processor at most." }),
  allow: list(aNetwork, { reload: "live", default: ownNetworks, doc: "Networks that may ask." }),
  deny: list(aNetwork, { reload: "live", default: [], doc: "Networks that may not, whatever allow says." }),
  keyFile: path({
    reload: "live",
    doc: "Symmetric keys, one a line as chrony writes them: number, type, key; then, if you like, the \
networks it may be used from.",
  }),
  rateInterval: duration({
    reload: "live",
    default: "1s",
    max: "1h",
    doc: "How long an address (IPv4) or /64 (IPv6) waits to earn one answer; 0s: no limit.",
  }),
  rateBurst: integer({ reload: "live", default: 16, min: 1, max: 255, doc: "Answers that one may save up." }),
  rateLeak: integer({
    reload: "live",
    default: 4,
    max: 255,
    doc: "One limited request in so many is answered all the same; 0: none.",
  }),
  control: boolean({
    reload: "live",
    default: false,
    doc: "Tell this host's own programs of the sources, as ntpq asks (mode 6); nobody else, ever.",
  }),
  clients: integer({
    default: 65_536,
    min: 64,
    max: 4_194_304,
    doc: "Addresses whose rate is remembered, at 24 bytes each.",
  }),
  localStratum: integer({
    reload: "live",
    default: 10,
    max: 15,
    doc: "The stratum claimed while no source of ours vouches for the time; 0: tell clients that we are not \
synchronised.",
  }),
  localError: duration({
    reload: "live",
    default: "1s",
    max: "16s",
    doc: "The error stated for this host's clock while nobody vouches for it; clients refuse more \
than 1.5s to 3s.",
  }),
});

const ntsSection = section("nts", "Network Time Security: key establishment over TLS.", {
  listen: endpoint({ default: "[::]:4460", unprivileged: "[::]:14460", doc: "Where clients get keys." }),
  enabled: boolean({ default: true, doc: "Serve it." }),
  certificate: path({ doc: "PEM file of the certificate and its chain; without one, the house's own CA." }),
  key: path({ doc: "PEM file of the certificate's private key." }),
  server: text({ max: 255, doc: "Name or address where clients shall ask for the time; without one, here." }),
  requirePostQuantum: boolean({
    default: false,
    doc: "Refuse clients without the hybrid post-quantum key exchange X25519MLKEM768.",
  }),
});

const clockSection = section("clock", "Whom we ask for the time, and what is done with this host's clock.", {
  servers: list(text({ max: 300, doc: "A server.", default: "" }), {
    reload: "live",
    default: [],
    max: 64,
    doc: "Servers to ask, each a name or address, then any of nts, ntsport N, port N, key N, prefer, \
pool, xleave.",
  }),
  refclocks: list(text({ max: 300, doc: "A reference clock.", default: "" }), {
    reload: "live",
    default: [],
    max: 16,
    doc: "Clocks on this host: gpsd HOST:PORT, nmea DEVICE, shm UNIT or exec COMMAND; then any of refid, \
uncertainty, noise, prefer.",
  }),
  trust: enumeration(["all", "secured"], {
    reload: "live",
    default: "all",
    doc: "Who has a vote: every source, or only those with nts, a key, or on this host; others are then \
used where these agree with them.",
  }),
  fence: list(text({ max: 300, doc: "A Roughtime server.", default: "" }), {
    reload: "live",
    default: [],
    max: 16,
    doc: "Roughtime servers, each HOST:PORT,KEY with its public key in base64: what most of them sign is a \
fence that no majority of sources leads the clock across.",
  }),
  fenceInterval: duration({
    reload: "live",
    default: "1h",
    min: "1s",
    max: "12h",
    doc: "How often the Roughtime servers are asked.",
  }),
  mode: enumeration(["auto", "observe", "steer"], {
    default: "auto",
    doc: "Whether this host's clock is set; auto sets it where that is permitted and nobody else does. \
Observing, what is served is corrected instead.",
  }),
  leapFile: path({ reload: "live", doc: "A leap-seconds.list; without one, the system's, if it has one." }),
  ntsCa: path({
    reload: "live",
    doc: "PEM file of the authorities trusted for NTS; without one, the system's.",
  }),
  minPoll: integer({
    reload: "live",
    default: 6,
    max: 17,
    doc: "Shortest interval between questions, in powers of two seconds.",
  }),
  maxPoll: integer({
    reload: "live",
    default: 10,
    max: 17,
    doc: "Longest interval between questions, in powers of two seconds.",
  }),
  minSources: integer({ reload: "live", default: 1, min: 1, max: 64, doc: "Servers that must agree." }),
  maxDistance: duration({
    reload: "live",
    default: "3s",
    max: "16s",
    doc: "A server that may be further off is not used.",
  }),
  stepAbove: duration({
    default: "1s",
    doc: "An error above it is stepped away, in the first updates alone.",
  }),
  stepUpdates: integer({ default: 3, max: 1_000_000, doc: "In how many first updates; 0: never step." }),
  panicAbove: duration({
    default: "1000s",
    doc: "An error that appears later and is above it ends the daemon.",
  }),
  maxSlew: integer({ default: 500, min: 1, max: 500, doc: "Fastest correction, in parts per million." }),
});

const evidenceSection = section("evidence", "What is kept to prove the time to an auditor.", {
  enabled: boolean({
    default: true,
    doc: "Keep a signed, hash-chained record of the clock: see holdfast time report.",
  }),
  interval: duration({
    default: "1m",
    min: "1s",
    max: "1h",
    doc: "How much time one line stands for, the worst of it told; a line takes about 700 bytes.",
  }),
});

const httpTimeSection = section("httpTime", "The time with its bound over HTTP: GET /time.", {
  listen: endpoint({ doc: "Where clients ask, in plain HTTP; without one it is not served." }),
});

const ptpSection = section(
  "ptp",
  "The Precision Time Protocol (IEEE 1588-2019) over UDP/IPv4, in software.",
  {
    role: enumeration(["off", "slave", "master"], {
      default: "off",
      doc: "Take the time from the best master of a network, or be one.",
    }),
    device: text({ doc: "The network interface, like eth0." }),
    domain: integer({
      default: 0,
      max: 127,
      doc: "The domain that is spoken in; what others say is not heard.",
    }),
    priority1: integer({ default: 128, max: 255, doc: "As a master: the lower wins, before all else." }),
    priority2: integer({ default: 128, max: 255, doc: "As a master: the lower wins among equals." }),
    alone: boolean({
      default: false,
      doc: "Believe a master with which no other source agrees: PTP is not authenticated.",
    }),
  },
);

const roughtimeSection = section("roughtime", "Roughtime: signed time, roughly, for who trusts no network.", {
  listen: endpoint({ default: "[::]:2002", unprivileged: "[::]:12002", doc: "Where clients ask." }),
  enabled: boolean({ default: true, doc: "Serve it." }),
});

const udpDoc = "Serve it over UDP too, to allowed networks; replies are larger than requests.";

const timeSection = section("time", "The TIME protocol (RFC 868), for old clients like rdate.", {
  listen: endpoint({ default: "[::]:37", unprivileged: "[::]:10037", doc: "Where clients connect." }),
  enabled: boolean({ default: true, doc: "Serve it." }),
  udp: boolean({ default: false, doc: udpDoc }),
});

const daytimeSection = section("daytime", "The Daytime protocol (RFC 867): one line for people.", {
  listen: endpoint({ default: "[::]:13", unprivileged: "[::]:10013", doc: "Where clients connect." }),
  enabled: boolean({ default: true, doc: "Serve it." }),
  udp: boolean({ default: false, doc: udpDoc }),
});

export const sections = [
  ntpSection,
  ntsSection,
  clockSection,
  timeSection,
  daytimeSection,
  roughtimeSection,
  ptpSection,
  httpTimeSection,
  evidenceSection,
] as const;

export type UtcdConfig = ConfigOf<typeof sections>;
