import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fail, ok, type Result } from "../../base/result.ts";
import { holdExclusive, tryHold } from "../exclusive.ts";

const holdPath = (data: string): string => join(data, "backup.hold");

/** How long a backup waits for one that is about to end, and for a process that looks whether one runs. */
const waitMs = 250;

/** From now on until disposed, no process deletes the file of a body in the house `data`: files that nothing
 *  refers to any more wait. One holder at a time. Faults: busy, io. */
export async function holdBodies(data: string): Promise<Result<Disposable>> {
  const path = holdPath(data);
  for (;;) {
    const held = await holdExclusive(path, waitMs);
    if (!held.ok)
      return held.fault.code === "busy"
        ? fail("busy", "another backup of this house is running", { where: data, mend: "wait for its end" })
        : held;
    // The one before removed the file between our opening and our holding it: that hold is nobody's.
    if (existsSync(path)) return ok({ [Symbol.dispose]: () => letGo(path, held.value) });
    held.value[Symbol.dispose]();
  }
}

/** Whether files of bodies must stay. What a killed backup left behind is put away. */
export function areBodiesHeld(data: string): boolean {
  const path = holdPath(data);
  if (!existsSync(path)) return false;
  const held = tryHold(path);
  if (!held.ok) return true;
  letGo(path, held.value);
  return false;
}

/** Removed while it is held, so that nobody takes the file for a hold in force. */
function letGo(path: string, held: Disposable): void {
  rmSync(path, { force: true });
  held[Symbol.dispose]();
}
