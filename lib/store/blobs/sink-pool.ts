import { ok, type Result } from "../../base/result.ts";
import type { DigestName } from "../content.ts";
import type { Shaping } from "./body-form.ts";
import { fileFault, type FileOps } from "./file-ops.ts";
import { Sink, type Sunk } from "./sink.ts";

/** One large body on its way to disk. After a fault, `abandon`. */
export interface Flow {
  /** Resolves when more may come: back-pressure. The chunk belongs to the flow. */
  write(chunk: Uint8Array): Promise<Result<void>>;
  /** The bytes are on disk under their staging name when it resolves well. */
  finish(): Promise<Result<Sunk>>;
  /** After `finish`: links it to `path`, which is on disk when it resolves well. */
  publish(path: string): Promise<Result<void>>;
  /** Nothing more will be asked; the draft stays. */
  leave(): void;
  /** The draft is gone when it resolves. */
  abandon(): Promise<void>;
}

/** Who hashes and writes large bodies. */
export interface SinkPool {
  open(path: string, names: readonly DigestName[], shaping?: Shaping): Promise<Result<Flow>>;
  close(): Promise<void>;
}

/** Hashes and writes on the caller's own thread: for tests, and where there is only one processor. */
export function ownThread(files: FileOps): SinkPool {
  return {
    open: (path, names, shaping) =>
      Promise.resolve(attempt(() => flowOf(new Sink(files, path, names, shaping)))),
    close: () => Promise.resolve(),
  };
}

function flowOf(sink: Sink): Flow {
  return {
    write: (chunk) => Promise.resolve(attempt(() => sink.write(chunk))),
    finish: () => Promise.resolve(attempt(() => sink.finish())),
    publish: (path) => Promise.resolve(attempt(() => sink.publish(path))),
    leave: () => {},
    abandon: async () => void attempt(() => sink.abandon()),
  };
}

/** What `run` gives, or the fault of the file system. */
export function attempt<T>(run: () => T): Result<T> {
  try {
    return ok(run());
  } catch (error) {
    return { ok: false, fault: fileFault(error) };
  }
}
