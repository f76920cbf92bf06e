import { limits } from "../../base/limits.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Source } from "../content.ts";

/** A source, read with its promises checked.
 *  Faults: cancelled (it threw), truncated, invalid (more came than was announced), too-large. */
export class BodyReader {
  readonly #announced: number | undefined;
  readonly #chunks: AsyncIterator<Uint8Array>;
  #size = 0;

  constructor(body: Source) {
    this.#announced = body.size;
    this.#chunks = body.chunks[Symbol.asyncIterator]();
  }

  /** The first chunks, until the body has ended or is larger than `limit` bytes. */
  async head(limit: number): Promise<Result<{ chunks: Uint8Array[]; ended: boolean }>> {
    const chunks: Uint8Array[] = [];
    for (;;) {
      const next = await this.next();
      if (!next.ok) return next;
      if (next.value === undefined) return ok({ chunks, ended: true });
      if (next.value.length > 0) chunks.push(next.value);
      if (this.#size > limit) return ok({ chunks, ended: false });
    }
  }

  /** The next chunk; undefined at the end. */
  async next(): Promise<Result<Uint8Array | undefined>> {
    let step: IteratorResult<Uint8Array, unknown>;
    try {
      step = await this.#chunks.next();
    } catch (error) {
      return fail("cancelled", "the body broke off", { where: String(error) });
    }
    if (step.done) {
      return this.#announced === undefined || this.#size === this.#announced
        ? ok(undefined)
        : fail("truncated", `${this.#size} bytes came and ${this.#announced} were announced`);
    }
    this.#size += step.value.length;
    if (this.#announced !== undefined && this.#size > this.#announced) {
      await this.leave();
      return fail("invalid", "more bytes came than were announced");
    }
    if (this.#size > limits.objectBytes) {
      await this.leave();
      return fail("too-large", "an object may have 5 TiB");
    }
    return ok(step.value);
  }

  /** Tells the source that nobody reads on. */
  async leave(): Promise<void> {
    try {
      await this.#chunks.return?.();
    } catch {
      // It broke off while being let go: nobody reads on either way.
    }
  }
}
