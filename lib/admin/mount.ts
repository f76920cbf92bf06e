import { createRoute, z } from "@hono/zod-openapi";
import type { Context } from "hono";
import { fault } from "../base/fault.ts";
import type { Result } from "../base/result.ts";
import { authorise } from "./authorise.ts";
import type { Principal } from "../rules/identity.ts";
import { tenantOf, type AdminApp, type AdminCore, type AdminEnv } from "./needs.ts";
import type { AdminPanel, Asked, Operation } from "./panel.ts";
import { Problem, problemResponse } from "./problem.ts";
import { isFresh, jsonAnswer } from "./etag.ts";

type Ctx = Context<AdminEnv>;
type Spec = Exclude<Operation, { streams: string }>;

/** Puts one operation of a panel into the app and its document: authorise, validate, compare, run, tell. */
export function mount(app: AdminApp, core: AdminCore, panel: AdminPanel, operation: Operation): void {
  const route = createRoute({
    ...describe(panel, operation),
    middleware: [
      async (c: Ctx, next: () => Promise<void>) => {
        const allowed = await authorise(core, operation.permission, c.var.by, c.req.param("bucket"));
        if (!allowed.ok) return problemResponse({ fault: allowed.fault }, c.var.request);
        return await next();
      },
    ],
  });
  const answer = async (c: Ctx): Promise<Response> => {
    const asker: { principal?: Principal } = {};
    const asked = askedOf(c, core, (principal) => {
      asker.principal = principal;
    });
    return "streams" in operation
      ? await openStream(c, operation, asked)
      : await perform(c, core, operation, asked, asker);
  };
  app.openapi(route, answer as never);
}

function askedOf(
  c: Ctx,
  core: AdminCore,
  became: (principal: Principal) => void,
): Asked<unknown, unknown, unknown> {
  const valid = (part: "param" | "query" | "json"): unknown => c.req.valid(part as never);
  return {
    by: c.var.by,
    became,
    tenant: tenantOf(c.var.by.principal, core.tenant),
    params: valid("param") ?? {},
    query: valid("query") ?? {},
    body: valid("json"),
    headers: c.req.raw.headers,
    signal: c.req.raw.signal,
  };
}

async function perform(
  c: Ctx,
  core: AdminCore,
  operation: Spec,
  asked: Asked<unknown, unknown, unknown>,
  asker: { readonly principal?: Principal },
): Promise<Response> {
  const stale = operation.current && (await refuseStale(c, operation.current(asked)));
  if (stale) return stale;
  const result = await operation.run(asked);
  if (operation.audit) {
    const { verb, target, detail = {} } = operation.audit(asked);
    const outcome = result.ok ? "ok" : result.fault.code;
    const actor = asker.principal ? { ...asked.by, principal: asker.principal } : asked.by;
    core.audit.tell({ at: core.clock.wall(), actor, verb, target, outcome, detail });
  }
  if (!result.ok) return problemResponse({ fault: result.fault }, c.var.request);
  if (!operation.answer) return c.body(null, 204);
  return await jsonAnswer(c, result.value, operation.status ?? 200);
}

/** RFC 6585 §3: a change must say which state it was based on. */
async function refuseStale(c: Ctx, reading: Promise<Result<unknown>>): Promise<Response | undefined> {
  const condition = c.req.header("if-match");
  if (condition === undefined)
    return problemResponse(
      {
        fault: fault("precondition", "a change needs If-Match", {
          mend: "send the ETag of what you read, or * to overwrite whatever is there",
        }),
        status: 428,
      },
      c.var.request,
    );
  const current = await reading;
  if (!current.ok) return problemResponse({ fault: current.fault }, c.var.request);
  if (await isFresh(condition, current.value)) return undefined;
  const changed = fault("precondition", "it has changed since you read it", { mend: "read it again" });
  return problemResponse({ fault: changed }, c.var.request);
}

async function openStream(
  c: Ctx,
  operation: Extract<Operation, { streams: string }>,
  asked: Asked<unknown, unknown, unknown>,
): Promise<Response> {
  const opened = await operation.open({ ...asked, body: undefined });
  return opened.ok ? opened.value : problemResponse({ fault: opened.fault }, c.var.request);
}

function describe(panel: AdminPanel, operation: Operation) {
  const { id, method, path, permission, summary, params, query } = operation;
  const body = "body" in operation ? operation.body : undefined;
  return {
    method,
    path: `/api/v1${path}`,
    operationId: id,
    summary,
    tags: [panel.name],
    "x-permission": permission,
    security: "open" in permission ? [] : [{ token: [] }],
    request: {
      ...(params ? { params: params as z.ZodObject } : {}),
      ...(query ? { query: query as z.ZodObject } : {}),
      ...(body ? { body: { required: true, content: { "application/json": { schema: body } } } } : {}),
    },
    responses: { ...successOf(operation), default: problemAnswer },
  };
}

const problemAnswer = {
  description: "Refused, and why (RFC 9457).",
  content: { "application/problem+json": { schema: Problem } },
};

function successOf(operation: Operation) {
  if ("streams" in operation)
    return { 200: { description: "A stream.", content: { [operation.streams]: { schema: z.string() } } } };
  if (!operation.answer) return { 204: { description: "Done." } };
  const content = { "application/json": { schema: operation.answer } };
  return { [operation.status ?? 200]: { description: "Done.", content } };
}
