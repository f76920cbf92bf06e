import type { Context } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import type { AdminEnv } from "../needs.ts";

type Ctx = Context<AdminEnv>;

/** The `__Host-` prefix binds it to this host, this path and TLS (RFC 6265bis §4.1.3.2). */
const name = "holdfast";
const how = { path: "/", secure: true, httpOnly: true, sameSite: "Strict", prefix: "host" } as const;

/** The token of the visitor's session. */
export function sessionOf(c: Ctx): string | undefined {
  const token = getCookie(c, name, "host");
  return token !== undefined && /^[\w-]{1,512}$/.test(token) ? token : undefined;
}

export const keepSession = (c: Ctx, token: string): void => setCookie(c, name, token, how);
export const dropSession = (c: Ctx): void => void deleteCookie(c, name, how);

/** Whether the browser says that the form was ours. Without its word nothing is done. */
export function isOwnOrigin(c: Ctx): boolean {
  const origin = c.req.header("origin");
  const host = c.req.header("host");
  if (origin === undefined || host === undefined || !URL.canParse(origin)) return false;
  return new URL(origin).host === host;
}
