import { Secret } from "./secret.ts";
import type { Section } from "./section.ts";

/** What a new configuration changes, by "ftp.listen". */
export interface ReloadPlan {
  /** Taken over at once. */
  readonly live: readonly string[];
  /** Kept as it was until the next start. */
  readonly restart: readonly string[];
}

type Values = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** Compares two configurations of the same sections. */
export function reloadPlan(sections: readonly Section[], before: Values, after: Values): ReloadPlan {
  const live: string[] = [];
  const restart: string[] = [];
  for (const { name, fields } of sections) {
    for (const [key, field] of Object.entries(fields)) {
      if (same(before[name]?.[key], after[name]?.[key])) continue;
      (field.reload === "live" ? live : restart).push(`${name}.${key}`);
    }
  }
  return { live, restart };
}

/** The configuration that holds after a reload: new where settings are live, old where they need a
 *  restart. */
export function applied<C extends object>(before: C, after: C, plan: ReloadPlan): C {
  const next = structuredShallow(before as Values);
  for (const name of plan.live) {
    const [section, key] = name.split(".") as [string, string];
    next[section]![key] = (after as Values)[section]?.[key];
  }
  return next as C;
}

const structuredShallow = (values: Values): Record<string, Record<string, unknown>> =>
  Object.fromEntries(Object.entries(values).map(([name, group]) => [name, { ...group }]));

const revealed = (value: unknown): unknown => (value instanceof Secret ? value.reveal() : value);

/** Values are scalars, endpoints and lists of them: their JSON says all. */
const same = (a: unknown, b: unknown): boolean => JSON.stringify(revealed(a)) === JSON.stringify(revealed(b));
