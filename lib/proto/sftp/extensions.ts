import { pathText } from "../../base/path.ts";
import type { Result } from "../../base/result.ts";
import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import { plain, rename, settled, withHandle, withPath, type Desk } from "./answering.ts";
import { ask, type Flow } from "./asks.ts";
import { countOf, readAttributes } from "./attributes.ts";
import { changeOf } from "./change.ts";
import { packetBytes } from "./frames.ts";
import { maxHandles } from "./handles.ts";
import * as reply from "./replies.ts";
import type { Request } from "./requests.ts";
import { readBytes, readText, writeBytes, writeText } from "./text.ts";

type Extended = Extract<Request, { op: "extended" }>;
type Serve = (desk: Desk, id: number, r: Reader) => Flow | Uint8Array;

/** The most that one READ or WRITE moves: what fits a packet beside its head (OpenSSH's figure). */
export const moveBytes = 261_120;

/** OpenSSH's PROTOCOL §3 and draft-ietf-secsh-filexfer-extensions; name, version, what it does. */
const extensions: ReadonlyMap<string, { readonly version: string; readonly serve: Serve }> = new Map([
  [
    "posix-rename@openssh.com",
    { version: "1", serve: (_, id, r) => rename(id, readText(r), readText(r), true) },
  ],
  ["statvfs@openssh.com", { version: "2", serve: (_, id) => space(id) }],
  ["fstatvfs@openssh.com", { version: "2", serve: (_, id) => space(id) }],
  ["fsync@openssh.com", { version: "1", serve: flush }],
  ["lsetstat@openssh.com", { version: "1", serve: setAttributes }],
  ["limits@openssh.com", { version: "1", serve: (_, id) => limits(id) }],
  ["expand-path@openssh.com", { version: "1", serve: expandPath }],
  ["copy-data", { version: "1", serve: copyData }],
  ["home-directory", { version: "1", serve: homeDirectory }],
  ["users-groups-by-id@openssh.com", { version: "1", serve: namesById }],
]);

/** What VERSION offers. */
export const offered = [...extensions].map(([name, { version }]) => [name, version] as const);

/** Short fields inside an extension's data end as BAD_MESSAGE. */
export function serveExtended(desk: Desk, q: Extended): Flow | Uint8Array {
  const found = q.name === undefined ? undefined : extensions.get(q.name);
  if (!found) return reply.statusReply(q.id, reply.status.unsupported, "the extension is not known");
  const served: Result<Flow | Uint8Array> = decode((r) => found.serve(desk, q.id, r), q.data);
  return served.ok ? served.value : reply.statusReply(q.id, reply.status.badMessage, served.fault.what);
}

/** string handle */
function flush(desk: Desk, id: number, r: Reader): Flow | Uint8Array {
  return withHandle(id, desk.handles.find(readBytes(r), "file"), (handle) => plain(id, "flush", { handle }));
}

/** string path | ATTRS */
function setAttributes(_: Desk, id: number, r: Reader): Flow | Uint8Array {
  const [path, attributes] = [readText(r), readAttributes(r)];
  return withPath(id, path, (to) => {
    const change = changeOf(attributes);
    return change.ok
      ? settled(id, ask("change", { path: to, change: change.value }))
      : reply.faultReply(id, change.fault);
  });
}

const blockBytes = 4096;

/** eleven uint64: bsize frsize blocks bfree bavail files ffree favail fsid flag namemax. Quotas count. */
function* space(id: number): Flow {
  const got = yield* ask("space", {});
  if (!got.ok) return reply.faultReply(id, got.fault);
  const blocks = (bytes: number): bigint => BigInt(Math.floor(bytes / blockBytes));
  const [total, free] = [blocks(got.value.total), blocks(got.value.free)];
  const size = BigInt(blockBytes);
  return reply.extendedReply(id, (w) => {
    for (const value of [size, size, total, free, free, 0n, 0n, 0n, 0n, 0n, 255n]) w.u64(value);
  });
}

/** four uint64: packet, read, write, handles */
const limits = (id: number): Uint8Array =>
  reply.extendedReply(id, (w) => {
    for (const value of [packetBytes, moveBytes, moveBytes, maxHandles]) w.u64(BigInt(value));
  });

/** string path; "~" and "~user" are the user's own root, which is the only home one sees. */
function expandPath(desk: Desk, id: number, r: Reader): Flow | Uint8Array {
  const text = readText(r);
  const [, named, rest = ""] = /^~([^/]*)(\/.*)?$/s.exec(text ?? "") ?? [];
  if (named !== undefined && named !== "" && named !== desk.user) {
    return reply.statusReply(id, reply.status.noSuchFile, "there is no such user here");
  }
  return withPath(id, named === undefined ? text : `/${rest}`, (path) =>
    reply.nameReply(id, [{ name: pathText(path), long: pathText(path), attributes: {} }]),
  );
}

/** string user */
function homeDirectory(desk: Desk, id: number, r: Reader): Uint8Array {
  const name = readText(r);
  if (name !== "" && name !== desk.user) {
    return reply.statusReply(id, reply.status.noSuchFile, "there is no such user here");
  }
  return reply.nameReply(id, [{ name: "/", long: "/", attributes: {} }]);
}

/** string from-handle | uint64 offset | uint64 length (0: to the end) | string to-handle | uint64 offset */
function copyData(desk: Desk, id: number, r: Reader): Flow | Uint8Array {
  const [source, offset, length] = [readBytes(r), countOf(r.u64()), countOf(r.u64())];
  const [target, at] = [readBytes(r), countOf(r.u64())];
  if (![offset, length, at].every(Number.isFinite)) {
    return reply.statusReply(id, reply.status.failure, "no file is so large");
  }
  return withHandle(id, desk.handles.find(source, "file"), (from) =>
    withHandle(id, desk.handles.find(target, "file"), (to) =>
      plain(id, "copyData", { from, offset, length, to, at }),
    ),
  );
}

/** string uids | string gids, packed uint32; answered by packed names. */
function namesById({ people }: Desk, id: number, r: Reader): Uint8Array {
  const lists = [readNumbers(r), readNumbers(r)].map((numbers) => {
    const w = new Writer();
    for (const number of numbers) writeText(w, people.nameOf(number));
    return w.view();
  });
  return reply.extendedReply(id, (w) => lists.forEach((list) => writeBytes(w, list)));
}

function readNumbers(r: Reader): number[] {
  const inner = r.part(r.u32());
  r.expect(inner.remaining % 4 === 0, "numbers are four bytes each");
  return Array.from({ length: inner.remaining / 4 }, () => inner.u32());
}
