/** A thread that hashes and writes large bodies: see blobs/worker-pool.ts for the other end. */
import { fileFault, systemFiles } from "./blobs/file-ops.ts";
import { Sink } from "./blobs/sink.ts";
import type { FromWorker, ToWorker } from "./blobs/worker-words.ts";

declare const self: Worker;

const sinks = new Map<number, Sink>();
const say = (word: FromWorker, transfer: ArrayBuffer[] = []): void => self.postMessage(word, transfer);

function hear(word: ToWorker): void {
  const { id } = word;
  switch (word.do) {
    case "open":
      sinks.set(id, new Sink(systemFiles, word.path, word.names, word.shaping));
      return say({ id, did: "open" });
    case "write":
      sinks.get(id)?.write(new Uint8Array(word.buffer, 0, word.size));
      return say({ id, did: "write", size: word.size, buffer: word.buffer }, [word.buffer]);
    case "finish": {
      const ended = sinks.get(id)?.finish();
      return ended && say({ id, did: "finish", ...ended });
    }
    case "publish":
      sinks.get(id)?.publish(word.path);
      return say({ id, did: "publish" });
    case "abandon":
      sinks.get(id)?.abandon();
      sinks.delete(id);
      return say({ id, did: "abandon" });
    case "forget":
      sinks.delete(id);
  }
}

self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  try {
    hear(data);
  } catch (error) {
    say({ id: data.id, did: "fail", fault: fileFault(error) });
  }
});
