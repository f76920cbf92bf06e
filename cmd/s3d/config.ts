import {
  boolean,
  duration,
  endpoint,
  enumeration,
  integer,
  list,
  secret,
  size,
  text,
} from "../../lib/config/field.ts";
import { section, type ConfigOf } from "../../lib/config/section.ts";
import type { S3Setting } from "../../lib/gate/s3/needs.ts";
import { upkeepSection } from "../upkeep-section.ts";

const domain = text({ doc: "A domain.", like: "s3.example.org", pattern: /^[a-z0-9.-]+$/ });

const s3Section = section("s3", "The S3 interface.", {
  listen: endpoint({ default: "[::]:9000", doc: "Where clients connect." }),
  region: text({
    default: "us-east-1",
    pattern: /^[a-z0-9-]{1,63}$/,
    doc: "The region that clients sign for.",
  }),
  domains: list(domain, {
    default: ["s3.localhost"],
    doc: "Domains whose subdomains are buckets: with s3.example.org, the bucket b is also b.s3.example.org.",
  }),
  tls: enumeration(["off", "house"], {
    default: "off",
    doc: "Whether clients connect over TLS; house uses a certificate of the house's own authority.",
  }),
  names: list(domain, {
    default: [],
    doc: "Host names that the certificate is for, beside this host's own.",
  }),
  minPart: size({
    default: "5MiB",
    min: "1B",
    max: "5MiB",
    doc: "The least size of an upload's part that is not the last; S3's own is 5MiB.",
  }),
  signatureV2: boolean({
    default: false,
    doc: "Take AWS signature version 2 as well, for clients that know no better.",
  }),
  lifecycleEvery: duration({
    default: "1h",
    min: "1s",
    max: "24h",
    doc: "How often what the buckets' lifecycles say is due is done.",
  }),
  customerKeys: enumeration(["secure", "anywhere"], {
    default: "secure",
    doc: "Where keys that customers send (SSE-C) are taken from: over TLS and from this host, or \
anywhere.",
  }),
  websiteDomains: list(domain, {
    default: ["s3-website.localhost"],
    doc: "Domains whose subdomains are websites: with web.example.org, b.web.example.org shows the bucket b.",
  }),
  accessLogEvery: duration({
    default: "5m",
    min: "1s",
    max: "1h",
    doc: "How often what the buckets' access logs have collected is written to their target buckets.",
  }),
  inventoryEvery: duration({
    default: "1h",
    min: "1s",
    max: "24h",
    doc: "How often it is looked whether a bucket's inventory is due.",
  }),
  auditReads: boolean({
    default: false,
    doc: "Tell the audit trail of every object read, too; changes and refusals are always told.",
  }),
  connections: integer({ default: 10_000, min: 1, max: 1_000_000, doc: "Connections open at once." }),
  connectionsPerAddress: integer({
    default: 2000,
    min: 1,
    max: 1_000_000,
    doc: "Of these, from one IPv4 address or one IPv6 /64; behind a proxy all come from its own.",
  }),
  stall: duration({
    default: "20s",
    min: "1s",
    max: "1h",
    doc: "A body or an answer that moves less than 1KiB in such a time ends its connection.",
  }),
});

const notifySection = section("notify", "Where buckets' notifications go.", {
  targets: list(secret({ doc: "A target." }), {
    default: [],
    max: 100,
    doc: "Targets that a bucket's notification configuration may name, each NAME=URL: http, https (a \
webhook), redis, rediss (the path is a key), nats, tls (the path is a subject), amqp, amqps (the path is a \
virtual host). Options come after #, parted by &: ca=FILE; token=TEXT for a webhook; mode=list, stream or \
channel and db=N for Redis; jetstream for NATS; exchange=NAME and key=NAME for AMQP. The ARN is \
arn:aws:sqs:REGION:ACCOUNT:NAME.",
  }),
  giveUpAfter: duration({
    default: "24h",
    min: "1s",
    max: "90d",
    doc: "At this age a letter whose target cannot be reached goes to the dead letters; one that is refused \
goes after four attempts.",
  }),
});

export const sections = [s3Section, notifySection, upkeepSection] as const;

export type S3dConfig = ConfigOf<typeof sections>;

/** What the gate is told of it. */
export const settingOf = (s3: S3dConfig["s3"]): S3Setting => ({
  region: s3.region,
  baseDomains: s3.domains,
  websiteDomains: s3.websiteDomains,
  minPartBytes: s3.minPart,
  signatureV2: s3.signatureV2,
  customerKeysInClear: s3.customerKeys === "anywhere",
});
