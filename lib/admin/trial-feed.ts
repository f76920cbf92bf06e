import { asUnixMs } from "../base/time.ts";
import type { Change, ChangeFeed } from "../store/feed.ts";

/** A feed that a test fills by hand. */
export function trialFeed(): ChangeFeed & { add(change: Partial<Change>): void } {
  const changes: Change[] = [];
  const waiting = new Set<() => void>();
  const blank = { bucket: "", subject: "", version: "", size: 0, etag: "", from: "", how: "" as const };
  return {
    add(change) {
      const seq = changes.length + 1;
      const who = { by: "ada", door: "s3", address: "", request: "", tenant: "main" } as const;
      changes.push({ ...blank, ...who, at: asUnixMs(0), kind: "object.created", ...change, seq });
      for (const wake of waiting) wake();
    },
    read: async (after, limit) => changes.slice(after, after + limit),
    head: async () => changes.length,
    async wait(after, signal) {
      if (changes.length > after || signal.aborted) return;
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.add(resolve);
      signal.addEventListener("abort", () => resolve(), { once: true });
      await promise;
      waiting.delete(resolve);
    },
    cursor: async () => 0,
    saveCursor: async () => {},
  };
}
