import { ok, type Result } from "../../base/result.ts";
import type { BlobTable } from "../catalog/blob-table.ts";
import type { Writer } from "../catalog/writer.ts";

/** How long a hold outlives its last reader: ranges of one object are often asked for one by one. */
const lingerMs = 5_000;

type Reclaim = (files: readonly string[]) => Promise<void>;

interface Hold {
  readers: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  readonly taken: Promise<Result<void>>;
}

/** Keeps joined bodies whole while this process reads them, whoever deletes their names meanwhile: the
 *  catalog knows of each reader, and what a dead process held is let go at recovery. */
export class Holds {
  readonly #writer: Writer;
  readonly #blobs: BlobTable;
  readonly #holder: string;
  readonly #reclaim: Reclaim;
  readonly #held = new Map<number, Hold>();

  constructor(writer: Writer, blobs: BlobTable, holder: string, reclaim: Reclaim) {
    this.#writer = writer;
    this.#blobs = blobs;
    this.#holder = holder;
    this.#reclaim = reclaim;
  }

  /** Call what it gives once, when read. Faults: those of the writer. */
  async take(blob: number): Promise<Result<() => void>> {
    const hold = this.#held.get(blob) ?? this.#begin(blob);
    clearTimeout(hold.timer);
    hold.readers++;
    const taken = await hold.taken;
    if (taken.ok) return ok(() => this.#leave(blob, hold));
    this.#held.delete(blob);
    return taken;
  }

  #begin(blob: number): Hold {
    const taken = this.#writer.write(() => ok(this.#blobs.hold(blob, this.#holder)));
    const hold: Hold = { readers: 0, timer: undefined, taken };
    this.#held.set(blob, hold);
    return hold;
  }

  #leave(blob: number, hold: Hold): void {
    if (--hold.readers > 0) return;
    hold.timer = setTimeout(() => void this.#end(blob), lingerMs);
    hold.timer.unref();
  }

  async #end(blob: number): Promise<void> {
    this.#held.delete(blob);
    await this.#writer.write((commit) => {
      const files = this.#blobs.release(blob, this.#holder);
      commit.after(() => void this.#reclaim(files));
      return ok();
    });
  }

  async close(): Promise<void> {
    for (const [blob, hold] of this.#held) {
      clearTimeout(hold.timer);
      await this.#end(blob);
    }
  }
}
