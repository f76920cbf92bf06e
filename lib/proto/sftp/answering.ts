import { parsePath, type Path } from "../../base/path.ts";
import { fail, type Result } from "../../base/result.ts";
import type { UnixMs } from "../../base/time.ts";
import { ask, type Flow, type SftpAnswer, type SftpAsk } from "./asks.ts";
import type { Handles } from "./handles.ts";
import type { People } from "./people.ts";
import * as reply from "./replies.ts";

/** What every request is served with. */
export interface Desk {
  readonly handles: Handles;
  readonly people: People;
  readonly user: string;
  wall(): UnixMs;
}

export type Asking<T> = Generator<SftpAsk, Result<T>, SftpAnswer>;

/** A name that is no path at all is a file that is not there. */
export function withPath<T>(id: number, name: string | undefined, then: (path: Path) => T): T | Uint8Array {
  const path = name === undefined ? fail("bad-name", "names are UTF-8 here") : parsePath(name);
  return path.ok ? then(path.value) : reply.faultReply(id, path.fault);
}

export function withHandle<T>(
  id: number,
  handle: number | undefined,
  then: (handle: number) => T,
): T | Uint8Array {
  if (handle !== undefined) return then(handle);
  return reply.statusReply(id, reply.status.failure, "there is no such handle");
}

/** Answered by OK or the fault. */
export function* plain(
  id: number,
  kind: "close" | "removeFile" | "makeFolder" | "removeFolder" | "flush" | "rename" | "copyData",
  what: object,
): Flow {
  const done = yield* ask(kind, what as never);
  return done.ok ? reply.statusReply(id, reply.status.ok, "done") : reply.faultReply(id, done.fault);
}

export function rename(
  id: number,
  from: string | undefined,
  to: string | undefined,
  replace: boolean,
): Flow | Uint8Array {
  return withPath(id, from, (source) =>
    withPath(id, to, (target) => plain(id, "rename", { from: source, to: target, replace })),
  );
}

/** Answered by a new handle, where there may be one more. */
export function* keep(desk: Desk, id: number, kind: "file" | "folder", asking: Asking<number>): Flow {
  if (!desk.handles.reserve()) return reply.statusReply(id, reply.status.failure, "too many open handles");
  const opened = yield* asking;
  const handle = desk.handles.settle(opened.ok ? opened.value : undefined, kind);
  if (!opened.ok) return reply.faultReply(id, opened.fault);
  return reply.handleReply(id, handle!);
}

export function* settled(id: number, asking: Asking<void>): Flow {
  const done = yield* asking;
  return done.ok ? reply.statusReply(id, reply.status.ok, "done") : reply.faultReply(id, done.fault);
}
