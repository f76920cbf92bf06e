import { duration, size } from "../lib/config/field.ts";
import { section, type ConfigOf } from "../lib/config/section.ts";

/** Of every daemon that opens the store: one of them does it for all. */
export const upkeepSection = section("upkeep", "What keeps the data directory sound and within bounds.", {
  scrubEvery: duration({
    default: "7d",
    max: "365d",
    doc: "How long after one round of reading everything kept, and comparing it with its checksum, the \
next begins; 0s: only when asked for.",
  }),
  scrubPace: size({
    default: "8MiB",
    max: "1TiB",
    doc: "Bytes that such a round reads a second; 0B: as fast as it goes.",
  }),
  keepChanges: duration({
    default: "30d",
    min: "1h",
    max: "365d",
    doc: "How long the change feed is kept. A reader of it that is behind is waited for, four times as long.",
  }),
});

export type UpkeepConfig = ConfigOf<readonly [typeof upkeepSection]>["upkeep"];
