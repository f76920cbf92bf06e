import type { GrantView } from "./grants-panel.ts";

/** Whom a grant speaks of, as people read it. */
export function whoText(who: GrantView["who"]): string {
  if ("user" in who) return who.user;
  return "group" in who ? `group ${who.group}` : "everyone";
}
