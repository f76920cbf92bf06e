import { longLine, type Listed } from "../../base/long-listing.ts";
import { pathText, type Path } from "../../base/path.ts";
import { keep, plain, rename, settled, withHandle, withPath, type Asking, type Desk } from "./answering.ts";
import { ask, type Change, type Flow } from "./asks.ts";
import type { Attributes } from "./attributes.ts";
import { changeOf } from "./change.ts";
import { moveBytes, serveExtended } from "./extensions.ts";
import * as reply from "./replies.ts";
import { openFlags, type Request } from "./requests.ts";

/** What one request asks and answers (filexfer-02 §6). */
export function serve(desk: Desk, q: Request): Flow | Uint8Array {
  switch (q.op) {
    case "open":
      return open(desk, q);
    case "close":
      return withHandle(q.id, desk.handles.close(q.handle), (handle) => plain(q.id, "close", { handle }));
    case "read":
      return withHandle(q.id, desk.handles.find(q.handle, "file"), (handle) => read(q, handle));
    case "write":
      return withHandle(q.id, desk.handles.find(q.handle, "file"), (handle) => write(q, handle));
    case "fstat":
      return withHandle(q.id, desk.handles.find(q.handle, "file"), (handle) =>
        tell(desk, q.id, ask("statHandle", { handle })),
      );
    case "stat":
    case "lstat":
      return withPath(q.id, q.path, (path) => tell(desk, q.id, ask("stat", { path })));
    case "setstat":
      return withPath(q.id, q.path, (path) => change(q, (asked) => ask("change", { path, change: asked })));
    case "fsetstat":
      return withHandle(q.id, desk.handles.find(q.handle, "file"), (handle) =>
        change(q, (asked) => ask("changeHandle", { handle, change: asked })),
      );
    case "opendir":
      return withPath(q.id, q.path, (path) => openFolder(desk, q.id, path));
    case "readdir":
      return withHandle(q.id, desk.handles.find(q.handle, "folder"), (handle) => rows(desk, q.id, handle));
    case "remove":
      return withPath(q.id, q.path, (path) => plain(q.id, "removeFile", { path }));
    case "mkdir":
      return withPath(q.id, q.path, (path) => plain(q.id, "makeFolder", { path }));
    case "rmdir":
      return withPath(q.id, q.path, (path) => plain(q.id, "removeFolder", { path }));
    case "realpath":
      return withPath(q.id, q.path, (path) => realPath(q.id, path));
    case "rename":
      return rename(q.id, q.from, q.to, false);
    case "readlink":
    case "symlink":
      return reply.statusReply(q.id, reply.status.unsupported, "links cannot be made here");
    case "extended":
      return serveExtended(desk, q);
    default:
      return reply.statusReply(q.id, reply.status.unsupported, `request ${q.type} is not known`);
  }
}

function open(desk: Desk, q: Extract<Request, { op: "open" }>): Flow | Uint8Array {
  const on = (flag: number): boolean => (q.flags & flag) !== 0;
  const [read, write] = [on(openFlags.read), on(openFlags.write) || on(openFlags.append)];
  const [create, exclusive] = [on(openFlags.create), on(openFlags.exclusive)];
  const sound = (read || write) && (!exclusive || create) && (write || !(create || on(openFlags.truncate)));
  if (!sound) return reply.statusReply(q.id, reply.status.failure, "these flags do not go together");
  return withPath(q.id, q.path, (path) =>
    keep(
      desk,
      q.id,
      "file",
      ask("open", {
        path,
        read,
        write,
        append: on(openFlags.append),
        create: create ? (exclusive ? "new" : "may") : "must",
        truncate: on(openFlags.truncate),
        mode: q.attributes.mode === undefined ? undefined : q.attributes.mode & 0o777,
      }),
    ),
  );
}

const openFolder = (desk: Desk, id: number, path: Path): Flow | Uint8Array =>
  keep(desk, id, "folder", ask("openFolder", { path }));

function* read(q: Extract<Request, { op: "read" }>, handle: number): Flow {
  const length = Math.min(q.length, moveBytes);
  if (!Number.isFinite(q.offset)) return reply.statusReply(q.id, reply.status.eof, "beyond the end");
  const got = yield* ask("read", { handle, offset: q.offset, length });
  if (!got.ok) return reply.faultReply(q.id, got.fault);
  if (got.value.length > 0 || length === 0) return reply.dataReply(q.id, got.value);
  return reply.statusReply(q.id, reply.status.eof, "end of file");
}

function* write(q: Extract<Request, { op: "write" }>, handle: number): Flow {
  if (!Number.isSafeInteger(q.offset + q.data.length)) {
    return reply.statusReply(q.id, reply.status.failure, "no file is so large");
  }
  const done = yield* ask("write", { handle, offset: q.offset, data: q.data });
  return done.ok ? reply.statusReply(q.id, reply.status.ok, "done") : reply.faultReply(q.id, done.fault);
}

function* tell(desk: Desk, id: number, asking: Asking<Listed>): Flow {
  const found = yield* asking;
  return found.ok
    ? reply.attributesReply(id, attributesOf(desk, found.value))
    : reply.faultReply(id, found.fault);
}

/** Sets what can be set. */
function change(
  q: { readonly id: number; readonly attributes: Attributes },
  asking: (change: Change) => Asking<void>,
): Flow | Uint8Array {
  const asked = changeOf(q.attributes);
  return asked.ok ? settled(q.id, asking(asked.value)) : reply.faultReply(q.id, asked.fault);
}

function* rows(desk: Desk, id: number, handle: number): Flow {
  const got = yield* ask("rows", { handle });
  if (!got.ok) return reply.faultReply(id, got.fault);
  if (got.value.length === 0) return reply.statusReply(id, reply.status.eof, "no more names");
  const now = desk.wall();
  return reply.nameReply(
    id,
    got.value.map((row) => ({
      name: row.name,
      long: longLine(row, now),
      attributes: attributesOf(desk, row),
    })),
  );
}

/** Nothing is looked up: the name in its shortest form. */
const realPath = (id: number, path: Path): Uint8Array =>
  reply.nameReply(id, [{ name: pathText(path), long: pathText(path), attributes: {} }]);

const kindBits: Record<Listed["kind"], number> = { file: 0o100000, folder: 0o040000, link: 0o120000 };

const attributesOf = ({ people }: Desk, entry: Listed): Attributes => ({
  size: entry.size,
  owner: { user: people.numberOf(entry.owner), group: people.numberOf(entry.group) },
  mode: kindBits[entry.kind] | entry.mode,
  modifiedAt: entry.modifiedAt,
});
