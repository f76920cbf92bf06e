import { toArrayBuffer, type Pointer } from "bun:ffi";
import { fail, ok, type Result } from "../../base/result.ts";
import { memory, openLibc } from "./libc.ts";

/** A System V segment that another process writes. */
export interface SharedSegment {
  readonly view: DataView;
}

const ownerAt = 4; // struct shmid_ds begins with struct ipc_perm: key 0, uid 4, gid 8, cuid 12

/** Attaches the segment of that key, at least `bytes` long. It must belong to root or to this process's user.
 *  Faults: not-found, denied (another's), unsupported. */
export function attachSegment(key: number, bytes: number): Result<SharedSegment> {
  const c = openLibc({
    shmget: { args: ["i32", "usize", "i32"], returns: "i32" },
    shmat: { args: ["i32", "ptr", "i32"], returns: "ptr" },
    shmctl: { args: ["i32", "i32", "ptr"], returns: "i32" },
    geteuid: { args: [], returns: "u32" },
  });
  if (!c) return fail("unsupported", "this system has no shared segments");
  const where = `shared memory 0x${key.toString(16)}`;
  const id = c.shmget(key, bytes, 0);
  if (id < 0) return fail("not-found", "there is no such segment yet", { where });
  const facts = memory(112);
  const told = c.shmctl(id, 2, facts.pointer) === 0; // IPC_STAT
  const owner = facts.view.getUint32(ownerAt, true);
  if (!told || (owner !== 0 && owner !== c.geteuid())) {
    return fail("denied", "the segment belongs to another user", { where });
  }
  const at = c.shmat(id, null, 0);
  if (at === null || Number(at) === -1) return fail("denied", "the segment cannot be attached", { where });
  return ok({ view: new DataView(toArrayBuffer(at as Pointer, 0, bytes)) });
}
