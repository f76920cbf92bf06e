import { openLibc } from "./libc.ts";

/** How many connections may wait to be accepted: the system takes the least of this and its own limit. */
const waiting = 4096;

/** Bun.listen lets 512 wait whatever it is asked; one more is refused and tries again a second later. Asks
 *  the system for more. False where that cannot be. */
export function deepenBacklog(listener: number): boolean {
  const c = openLibc({ listen: { args: ["i32", "i32"], returns: "i32" } });
  return c !== undefined && c.listen(listener, waiting) === 0;
}
