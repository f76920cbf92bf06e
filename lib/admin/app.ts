import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { HTTPException } from "hono/http-exception";
import type { Context } from "hono";
import { assert } from "../base/assert.ts";
import { fault } from "../base/fault.ts";
import { idMaker } from "../base/ids.ts";
import { limits } from "../base/limits.ts";
import { ok, type Result } from "../base/result.ts";
import type { Principal } from "../rules/identity.ts";
import { mountConsole } from "./console/console.ts";
import { mountDocument } from "./document.ts";
import { mountHealth } from "./health.ts";
import { mount } from "./mount.ts";
import { adminDoor, type AdminApp, type AdminCore, type AdminEnv } from "./needs.ts";
import type { AdminPanel } from "./panel.ts";
import { problemResponse, type Refusal } from "./problem.ts";

/** The admin API of one daemon: health, metrics, and every panel under /api/v1. Call it with
 *  `app.fetch(request, { peer })`. The API knows no cookie and no CORS: only tokens and the owner's socket;
 *  the console beside it asks the API with its visitor's token. */
export function adminApp(core: AdminCore, panels: readonly AdminPanel[]): AdminApp {
  const app: AdminApp = new OpenAPIHono<AdminEnv>({
    strict: true,
    defaultHook: (result, c) => {
      if (!result.success) return problemResponse(invalid(result.error.issues), requestOf(c));
      return undefined;
    },
  });
  const newId = idMaker(() => core.clock.wall(), core.entropy);
  app.use("*", async (c, next) => {
    c.set("request", newId());
    await next();
    for (const [name, value] of Object.entries(safetyHeaders))
      if (!c.res.headers.has(name)) c.res.headers.set(name, value);
    c.res.headers.set("x-request-id", c.var.request);
  });
  app.use("*", bodyLimit({ maxSize: limits.documentBytes, onError: (c) => refuse(c, { fault: tooLarge }) }));
  app.use("*", async (c, next) => {
    const principal = await principalOf(c, core);
    if (!principal.ok) return refuse(c, { fault: principal.fault });
    const { address } = c.env.peer;
    const door = principal.value.kind === "house" ? "house" : adminDoor;
    c.set("by", { principal: principal.value, door, address, request: c.var.request });
    return await next();
  });
  mountHealth(app, core);
  assertUnique(panels);
  for (const panel of panels) for (const operation of panel.operations) mount(app, core, panel, operation);
  mountDocument(app, core, panels);
  mountConsole(app, core);
  app.notFound((c) => refuse(c, { fault: fault("not-found", "nothing is served at this address") }));
  app.onError((error, c) => refuse(c, told(error, c, core)));
  return app;
}

const safetyHeaders: Readonly<Record<string, string>> = {
  "cache-control": "no-store",
  "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "no-referrer",
  "cross-origin-resource-policy": "same-origin",
};

const tooLarge = fault("too-large", `a document may have ${limits.documentBytes} bytes`);
const requestOf = (c: { get: (name: never) => unknown }): string => String(c.get("request" as never));
const refuse = (c: Context<AdminEnv>, refusal: Refusal): Response => problemResponse(refusal, c.var.request);

/** A token wins over the socket: so the owner can ask as somebody else. Faults: unauthenticated. */
async function principalOf(c: Context<AdminEnv>, core: AdminCore): Promise<Result<Principal>> {
  const header = c.req.header("authorization");
  if (header === undefined) return ok({ kind: c.env.peer.local ? "house" : "anonymous" });
  const token = /^Bearer +([\w-]{1,512})$/i.exec(header)?.[1] ?? "";
  const owner = await core.identities.tokenOwner(token);
  return owner.ok ? ok({ kind: "user", user: owner.value }) : owner;
}

function invalid(
  issues: readonly { path: readonly PropertyKey[]; message: string; code?: string }[],
): Refusal {
  const errors = issues.slice(0, 100).map(({ path, message, code = "invalid" }) => ({
    pointer: path.map((part) => `/${String(part).replaceAll("~", "~0").replaceAll("/", "~1")}`).join(""),
    detail: message,
    code,
  }));
  return { fault: fault("invalid", "the request does not hold what this operation needs"), errors };
}

/** What a client learns of an exception: nothing of the inside. The log learns all of it. */
function told(error: unknown, c: Context<AdminEnv>, core: AdminCore): Refusal {
  if (error instanceof HTTPException && error.status < 500)
    return {
      fault: fault("invalid", error.message || "the request cannot be read"),
      status: error.status,
    };
  core.log.error("admin request failed", {
    request: c.var.request,
    path: c.req.path,
    error: error instanceof Error ? (error.stack ?? error.message) : String(error),
  });
  return {
    fault: fault("io", "something went wrong in here", { mend: "the log has it under this request's id" }),
  };
}

function assertUnique(panels: readonly AdminPanel[]): void {
  const seen = new Set<string>();
  for (const { operations } of panels)
    for (const { id, method, path } of operations) {
      assert(
        !seen.has(id) && !seen.has(`${method} ${path}`),
        `operation ${id} (${method} ${path}) is there twice`,
      );
      seen.add(id).add(`${method} ${path}`);
    }
}
