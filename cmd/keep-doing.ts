import { pause } from "./pause.ts";

/** Does `once` now and then again, `everyMs` after it has ended; `failed` is told what it threw. Disposing
 *  aborts the signal that `once` is handed, and resolves when it has ended. */
export function keepDoing(
  once: (signal: AbortSignal) => Promise<void>,
  everyMs: number,
  failed: (error: unknown) => void,
): AsyncDisposable {
  const stop = new AbortController();
  const { signal } = stop;
  const running = (async () => {
    for (; !signal.aborted; await pause(everyMs, signal)) await once(signal).catch(failed);
  })();
  return {
    async [Symbol.asyncDispose]() {
      stop.abort();
      await running;
    },
  };
}
