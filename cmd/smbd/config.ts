import { boolean, endpoint, enumeration, integer, list, text } from "../../lib/config/field.ts";
import { section, type ConfigOf } from "../../lib/config/section.ts";
import { upkeepSection } from "../upkeep-section.ts";

/** Dialects by the names people know them under. */
export const dialectNames = ["2.0.2", "2.1", "3.0", "3.0.2", "3.1.1"] as const;

const smbSection = section("smb", "Windows shares: SMB 2.0.2 to 3.1.1.", {
  listen: endpoint({ default: "[::]:445", unprivileged: "[::]:4450", doc: "Where clients connect." }),
  name: text({ max: 15, doc: "The name clients see, at most 15 characters; without it the host's own." }),
  minDialect: enumeration(dialectNames, { default: "2.0.2", doc: "The least dialect that is spoken." }),
  signing: enumeration(["offered", "required"], {
    default: "required",
    doc: "Whether every request must be signed, or clients choose; Windows 11 signs by itself.",
  }),
  encryption: enumeration(["offered", "required"], {
    default: "offered",
    doc: "Whether clients choose to encrypt, or nobody works without it (which needs SMB 3).",
  }),
  home: boolean({ default: true, doc: "Show each user their home as the share home." }),
  buckets: list(text({ doc: "A bucket's name." }), {
    default: [],
    doc: "Buckets shown as shares, to users who may see them.",
  }),
  readOnly: boolean({ default: false, doc: "Let nobody write by this door." }),
  connections: integer({ default: 10_000, min: 1, max: 100_000, doc: "Connections in all." }),
  connectionsPerAddress: integer({
    default: 256,
    min: 1,
    max: 100_000,
    doc: "Connections of one IPv4 address, or of one IPv6 /64.",
  }),
});

export const sections = [smbSection, upkeepSection] as const;

export type SmbdConfig = ConfigOf<typeof sections>;
