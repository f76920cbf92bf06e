import {
  boolean,
  duration,
  endpoint,
  enumeration,
  integer,
  list,
  network,
  path,
  port,
  size,
  text,
} from "../../lib/config/field.ts";
import { transferFormats } from "../../lib/watch/transfer-line.ts";
import { section, type ConfigOf } from "../../lib/config/section.ts";
import { upkeepSection } from "../upkeep-section.ts";

const ftpSection = section("ftp", "FTP, in clear or secured by AUTH TLS.", {
  enabled: boolean({ default: true, doc: "Serve it." }),
  listen: endpoint({ default: "[::]:21", unprivileged: "[::]:2121", doc: "Where clients connect." }),
  greeting: text({ default: "Holdfast file transfer", max: 200, doc: "The first line a client reads." }),
  tls: enumeration(["off", "optional", "required"], {
    default: "optional",
    doc: "Whether AUTH TLS is served, and whether nobody signs in without it.",
  }),
  clientCertificates: enumeration(["off", "optional", "required"], {
    default: "off",
    doc: "Whether clients are asked for a TLS certificate: one that names the user (common name or e-mail \
address) stands for the password; required lets in nobody else.",
  }),
  clientAuthority: path({ doc: "PEM file of the authorities whose client certificates are believed." }),
  clearData: boolean({
    default: true,
    doc: "Let data move in clear on a secured connection (PROT C).",
  }),
  sessionReuse: enumeration(["off", "prefer", "require"], {
    default: "prefer",
    doc: "Whether a secured data connection must resume the control connection's TLS session; require \
keeps out curl on TLS 1.2, Python's ftplib and Java.",
  }),
  certificate: path({ doc: "PEM file of the certificate; where none is stated the house makes its own." }),
  certificateKey: path({ doc: "PEM file of the certificate's key." }),
  names: list(text({ doc: "A name." }), {
    default: [],
    doc: "More names and addresses for the house's own certificate.",
  }),
  passiveFirst: port({ default: 49_152, doc: "First port offered for passive data connections; 0: any." }),
  passiveLast: port({ default: 65_535, doc: "Last port offered for passive data connections." }),
  passiveAddress: text({
    like: "192.0.2.1",
    pattern: /^\d{1,3}(?:\.\d{1,3}){3}$/,
    doc: "The IPv4 address that PASV tells, where a router in front translates addresses.",
  }),
  dataNetworks: list(network({ doc: "A network." }), {
    default: [],
    doc: "Networks from which a data connection may come though the control connection has another address.",
  }),
  clearControl: boolean({
    default: false,
    doc: "Let a client end TLS on the control connection once it has signed in (CCC): commands are then read \
by everybody on the way.",
  }),
  compression: boolean({
    default: false,
    doc: "Let data be compressed on the way (MODE Z): for slow lines, at the price of processor time.",
  }),
  siteToSite: boolean({
    default: false,
    doc: "Let clients send data between two servers (FXP): another host's address in PORT and EPRT, and \
another host at a passive port.",
  }),
  partialUploads: enumeration(["drop", "keep"], {
    default: "drop",
    doc: "What becomes of an upload that broke: keep lets clients resume it, and shows it unfinished.",
  }),
  digestLimit: size({ default: "64GiB", doc: "The most that one HASH or XCRC reads through." }),
  connections: integer({ default: 10_000, min: 1, max: 1_000_000, doc: "Connections in all." }),
  connectionsPerAddress: integer({
    default: 256,
    min: 1,
    max: 1_000_000,
    doc: "Connections of one IPv4 address, or one IPv6 /64.",
  }),
  loginTimeout: duration({
    default: "60s",
    min: "5s",
    max: "1h",
    doc: "From connecting to being signed in.",
  }),
  loginTries: integer({ default: 3, min: 1, max: 100, doc: "Wrong passwords after which it hangs up." }),
  idleTimeout: duration({ default: "10m", min: "30s", max: "30d", doc: "How long a client may be silent." }),
  stallTimeout: duration({
    default: "2m",
    min: "5s",
    max: "1d",
    doc: "How long a transfer may stand still.",
  }),
});

const ftpsSection = section("ftps", "FTP with TLS from the first byte on (implicit FTPS).", {
  enabled: boolean({ default: true, doc: "Serve it." }),
  listen: endpoint({ default: "[::]:990", unprivileged: "[::]:2990", doc: "Where clients connect." }),
});

const sftpSection = section("sftp", "SFTP over SSH.", {
  enabled: boolean({ default: true, doc: "Serve it." }),
  listen: endpoint({ default: "[::]:2022", unprivileged: "[::]:2222", doc: "Where clients connect." }),
  partialUploads: enumeration(["drop", "keep"], {
    default: "drop",
    doc: "What becomes of an upload that broke: keep lets clients resume it, and shows it unfinished.",
  }),
  connections: integer({ default: 1000, min: 1, max: 1_000_000, doc: "Connections in all." }),
  connectionsPerAddress: integer({
    default: 64,
    min: 1,
    max: 1_000_000,
    doc: "Connections of one IPv4 address, or one IPv6 /64.",
  }),
  loginTimeout: duration({
    default: "60s",
    min: "5s",
    max: "1h",
    doc: "From connecting to being signed in.",
  }),
});

const aNetwork = network({ doc: "A network." });
const noRate = "0B";

const guardSection = section(
  "guard",
  "Who may come in by any door of this daemon, how often, and how fast.",
  {
    allow: list(aNetwork, { default: [], doc: "Networks that may connect; where none is stated, all may." }),
    proxies: list(aNetwork, {
      default: [],
      doc: "Load balancers, which must say who calls before anything else (PROXY protocol 1 or 2).",
    }),
    deny: list(aNetwork, { default: [], doc: "Networks that may not connect, whatever allow says." }),
    banThreshold: integer({ default: 10, min: 1, max: 10_000, doc: "Wrong passwords that ban a network." }),
    banHalfLife: duration({
      default: "10m",
      min: "1s",
      max: "30d",
      doc: "How long until half of the wrong passwords are forgiven.",
    }),
    banTime: duration({ default: "30m", min: "1s", max: "365d", doc: "How long a ban lasts." }),
    banExempt: list(aNetwork, {
      default: ["127.0.0.0/8", "::1/128"],
      doc: "Networks that are never banned.",
    }),
    sessionsPerUser: integer({
      default: 100,
      min: 1,
      max: 1_000_000,
      doc: "Sessions one user may have open.",
    }),
    downloadRate: size({
      default: noRate,
      doc: "Bytes a second of one connection's downloads; 0B: no limit.",
    }),
    uploadRate: size({ default: noRate, doc: "Bytes a second of one connection's uploads; 0B: no limit." }),
    downloadRatePerUser: size({ default: noRate, doc: "The same for all of a user's downloads together." }),
    uploadRatePerUser: size({ default: noRate, doc: "The same for all of a user's uploads together." }),
  },
);

const transfersSection = section("transfers", "What is told of every file that was moved.", {
  logFile: path({ doc: "File that gets a line for each transfer; none where absent. It may be rotated." }),
  logFormat: enumeration(transferFormats, {
    default: "xferlog",
    doc: "How it is written: xferlog as other FTP servers do, JSON, or the W3C's extended format.",
  }),
});

export const sections = [
  ftpSection,
  ftpsSection,
  sftpSection,
  guardSection,
  transfersSection,
  upkeepSection,
] as const;

export type FtpdConfig = ConfigOf<typeof sections>;
