import { ask, type Flow } from "../asks.ts";
import type { Control } from "../control.ts";

/** How much one has, and how much is left. */
export function* siteQuota(control: Control): Flow {
  const space = yield* ask("space", { path: control.cwd });
  if (!space.ok) return control.refuse(space.fault);
  const { total, free } = space.value;
  const lines = [`Total ${total} bytes`, `Used ${total - free} bytes`, `Free ${free} bytes`];
  return control.replyLines(200, "Space:", lines, "End");
}
