import type { Context } from "hono";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import { hex, utf8 } from "../base/bytes.ts";
import type { AdminEnv } from "./needs.ts";

/** A strong ETag (RFC 9110 §8.8.3) of what would be shown: equal text, equal tag. */
export async function etagOf(value: unknown): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", utf8(JSON.stringify(value)));
  return `"${hex(new Uint8Array(digest).subarray(0, 16))}"`;
}

/** Whether the `If-Match` header's condition holds for what is there now. */
export async function isFresh(condition: string, current: unknown): Promise<boolean> {
  return condition.trim() === "*" || tagsOf(condition).includes(await etagOf(current));
}

const tagsOf = (header: string): string[] => header.split(",").map((tag) => tag.trim());

/** JSON with its ETag, 304 where the reader has it already, and a page's `Link: rel="next"`. */
export async function jsonAnswer(
  c: Context<AdminEnv>,
  value: unknown,
  status: ContentfulStatusCode,
): Promise<Response> {
  const etag = await etagOf(value);
  c.header("etag", etag);
  const next = nextOf(value);
  if (next !== undefined) c.header("link", `<${nextLink(c.req.url, next)}>; rel="next"`);
  const known = c.req.header("if-none-match");
  const unchanged = c.req.method === "GET" && known !== undefined && tagsOf(known).includes(etag);
  return unchanged ? c.body(null, 304) : c.json(value as object, status);
}

function nextOf(value: unknown): string | undefined {
  if (typeof value !== "object" || value === null || !("next" in value)) return undefined;
  return typeof value.next === "string" && "rows" in value ? value.next : undefined;
}

/** Relative, so that it holds behind a proxy as well. */
function nextLink(url: string, next: string): string {
  const { pathname, searchParams } = new URL(url);
  searchParams.set("cursor", next);
  return `${pathname}?${searchParams.toString()}`;
}
