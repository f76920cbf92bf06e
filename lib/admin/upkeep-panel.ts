import { z } from "@hono/zod-openapi";
import { ok, type Result } from "../base/result.ts";
import type { UnixMs } from "../base/time.ts";
import type { Damage, ScrubProgress } from "../store/scrubber.ts";
import { Moment, momentText, operation, type AdminPanel } from "./panel.ts";

/** How far the present or the last round is. */
export interface ScrubState extends ScrubProgress {
  readonly running: boolean;
  readonly startedAt: UnixMs | undefined;
  /** The end of the last whole round, by whichever daemon. */
  readonly finishedAt: UnixMs | undefined;
}

/** Rounds of reading everything kept and comparing it with its checksum. */
export interface ScrubBook {
  state(): Promise<ScrubState>;
  /** Begins a round, or goes on with one that was cut short. 0: as fast as it goes. Faults: busy. */
  start(bytesPerSecond: number): Promise<Result<ScrubState>>;
  damaged(): Promise<readonly Damage[]>;
}

const Count = z.int().min(0);
const Scrub = z
  .object({
    running: z.boolean(),
    startedAt: Moment.nullable(),
    finishedAt: Moment.nullable().openapi({ description: "The end of the last whole round." }),
    bodies: Count.openapi({ description: "Looked at in this round." }),
    bytes: Count,
    found: Count.openapi({ description: "Damage found in this round." }),
    share: z.number().min(0).max(1).openapi({ description: "How much of the round is done." }),
  })
  .openapi("Scrub");
export type ScrubView = z.output<typeof Scrub>;

const NewScrub = z
  .strictObject({
    bytesPerSecond: Count.default(0).openapi({ description: "0: as fast as it goes." }),
  })
  .openapi("NewScrub");

const DamageRow = z
  .object({
    blob: Count,
    what: z.enum(["changed", "missing", "unreadable"]),
    objects: z.array(z.object({ bucket: z.string(), key: z.string(), version: z.string() })),
  })
  .openapi("Damage");
const DamageList = z.object({ rows: z.array(DamageRow) });
export type DamageList = z.output<typeof DamageList>;

/** Whether what is kept is still what was written. */
export const upkeepPanel = (book: ScrubBook): AdminPanel => ({
  name: "Upkeep",
  doc: "Whether what is kept is still what was written.",
  operations: [
    operation({
      id: "readScrub",
      method: "get",
      path: "/scrub",
      permission: { house: "house.read" },
      summary: "How far the present or the last round of verifying is.",
      answer: Scrub,
      run: async () => ok(scrubView(await book.state())),
    }),
    operation({
      id: "startScrub",
      method: "post",
      path: "/scrub",
      permission: { house: "house.configure" },
      summary: "Read everything kept and compare it with its checksum, now.",
      body: NewScrub,
      answer: Scrub,
      status: 202,
      audit: ({ body }) => ({
        verb: "scrub.start",
        target: "the store",
        detail: { bytesPerSecond: body.bytesPerSecond },
      }),
      run: async ({ body }) => {
        const started = await book.start(body.bytesPerSecond);
        return started.ok ? ok(scrubView(started.value)) : started;
      },
    }),
    operation({
      id: "listDamage",
      method: "get",
      path: "/damage",
      permission: { house: "house.read" },
      summary: "Bodies that are not what was written, with the objects that have them; they are not served.",
      answer: DamageList,
      run: async () => ok({ rows: (await book.damaged()).map(damageRow) }),
    }),
  ],
});

const orNull = (at: UnixMs | undefined): string | null => (at === undefined ? null : momentText(at));

const scrubView = (state: ScrubState): ScrubView => ({
  ...state,
  startedAt: orNull(state.startedAt),
  finishedAt: orNull(state.finishedAt),
});

const damageRow = ({ blob, what, objects }: Damage): DamageList["rows"][number] => ({
  blob,
  what,
  objects: objects.map(({ bucket, key, version }) => ({ bucket, key, version })),
});
