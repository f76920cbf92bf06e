import { ok, type Result } from "../../lib/base/result.ts";
import type { HouseClient } from "../house-client.ts";
import type { PageOf } from "../../lib/admin/panel.ts";

/** Every row of a listing, page after page. Faults: the house's. */
export async function everyRow<T>(house: HouseClient, path: string): Promise<Result<T[]>> {
  const rows: T[] = [];
  for (let cursor: string | null = ""; cursor !== null;) {
    const after: string = cursor === "" ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const page: Result<PageOf<T>> = await house.ask<PageOf<T>>("GET", `${path}?limit=1000${after}`);
    if (!page.ok) return page;
    rows.push(...page.value.rows);
    cursor = page.value.next;
  }
  return ok(rows);
}
