import { z } from "@hono/zod-openapi";
import { base64, fromBase64, textOf, utf8 } from "../base/bytes.ts";
import { limits } from "../base/limits.ts";
import { fail, ok, type Result } from "../base/result.ts";
import type { Verb } from "../rules/access.ts";
import type { AuditVerb } from "../rules/audit.ts";
import type { Actor, Principal } from "../rules/identity.ts";

/** A part of the admin API: what one engine, or one matter of the house, shows and lets be changed.
 *  A daemon hands its panels to `adminApp`; all stand in one OpenAPI document under /api/v1.
 *
 *      export const sitesPanel = (sites: Sites): AdminPanel => ({
 *        name: "Sites",
 *        doc: "Virtual hosts of the FTP server.",
 *        operations: [
 *          operation({
 *            id: "listSites", method: "get", path: "/sites", summary: "Every site.",
 *            permission: { house: "house.read" },
 *            query: PageQuery, answer: pageOf(Site),
 *            run: async ({ query }) => pageAnswer(query, (after, n) => sites.page(after, n), siteView),
 *          }),
 *        ],
 *      }); */
export interface AdminPanel {
  /** Heads the panel's operations in the document. */
  readonly name: string;
  readonly doc: string;
  readonly operations: readonly Operation[];
}

/** Who may. Decided by rules/access before anything else of the request is looked at. */
export type Permission =
  /** Anybody, signed in or not; the text says why. */
  | { readonly open: string }
  /** Anybody signed in, about themselves alone; the text says what. */
  | { readonly self: string }
  /** Anybody signed in: what runs has a port bound to the asker, which asks for every name. */
  | { readonly guarded: string }
  | { readonly house: Extract<Verb, `house.${string}` | "bucket.create"> }
  /** On the bucket that the path names as `{bucket}`. */
  | { readonly bucket: Exclude<Verb, `house.${string}`> };

/** What an operation is told. Everything in it has been checked against the operation's schemas. */
export interface Asked<Params, Query, Body> {
  readonly by: Actor;
  /** Says who the asker turned out to be (sign-in), for the audit trail. */
  readonly became: (principal: Principal) => void;
  /** The tenant all of it is about. */
  readonly tenant: string;
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  readonly headers: Headers;
  /** Aborts when the client has gone. */
  readonly signal: AbortSignal;
}

export interface OperationSpec<
  P extends z.ZodType = z.ZodObject,
  Q extends z.ZodType = z.ZodObject,
  B extends z.ZodType = z.ZodUndefined,
  A extends z.ZodType = z.ZodVoid,
> {
  /** "listUsers": unique in the document. */
  readonly id: string;
  readonly method: "get" | "post" | "put" | "patch" | "delete";
  /** Beneath /api/v1, parameters in braces: "/users/{user}". */
  readonly path: string;
  readonly permission: Permission;
  /** One sentence. */
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: B;
  /** The answer's schema; without one a success is 204. */
  readonly answer?: A;
  /** 201 where something was made. */
  readonly status?: 200 | 201 | 202;
  /** What the audit trail keeps of it; every operation that changes something has one. */
  readonly audit?: (asked: Asked<z.output<P>, z.output<Q>, z.output<B>>) => Audited;
  /** What is there now. With it the operation demands If-Match: 428 without, 412 where stale. */
  readonly current?: (asked: Asked<z.output<P>, z.output<Q>, z.output<B>>) => Promise<Result<unknown>>;
  readonly run: (asked: Asked<z.output<P>, z.output<Q>, z.output<B>>) => Promise<Result<z.input<A>>>;
}

export interface Audited {
  readonly verb: AuditVerb;
  readonly target: string;
  readonly detail?: Readonly<Record<string, string | number>>;
}

/** An operation whose answer is a stream of its own media type. */
export interface StreamSpec<P extends z.ZodType = z.ZodObject, Q extends z.ZodType = z.ZodObject> {
  readonly id: string;
  readonly method: "get";
  readonly path: string;
  readonly permission: Permission;
  readonly summary: string;
  readonly params?: P;
  readonly query?: Q;
  /** Media type of the answer: "text/event-stream". */
  readonly streams: string;
  readonly open: (asked: Asked<z.output<P>, z.output<Q>, undefined>) => Promise<Result<Response>>;
}

/** Any operation, its types forgotten: what `adminApp` mounts. */
export type Operation =
  | OperationSpec<z.ZodType, z.ZodType, z.ZodType, z.ZodType>
  | StreamSpec<z.ZodType, z.ZodType>;

export function operation<
  P extends z.ZodType = z.ZodObject,
  Q extends z.ZodType = z.ZodObject,
  B extends z.ZodType = z.ZodUndefined,
  A extends z.ZodType = z.ZodVoid,
>(spec: OperationSpec<P, Q, B, A>): Operation {
  return spec;
}

export function stream<P extends z.ZodType = z.ZodObject, Q extends z.ZodType = z.ZodObject>(
  spec: StreamSpec<P, Q>,
): Operation {
  return spec;
}

const limit = z.coerce
  .number()
  .int()
  .min(1)
  .max(limits.pageRows)
  .default(100)
  .openapi({ description: "Rows of one page." });
const cursor = z.string().max(4096).optional().openapi({ description: "`next` of the page before; opaque." });

/** `?limit=&cursor=` of every listing. */
export const PageQuery = z.object({ limit, cursor });
export type PageQuery = z.output<typeof PageQuery>;

/** A listing's answer, as those who ask the API read it. */
export interface PageOf<T> {
  readonly rows: readonly T[];
  readonly next: string | null;
}

/** A listing's answer. `next` is also sent as `Link: rel="next"`. */
export const pageOf = <T extends z.ZodType>(row: T) =>
  z.object({
    rows: z.array(row).max(limits.pageRows),
    next: z.string().nullable().openapi({ description: "Cursor of the next page; null at the end." }),
  });

interface Rows<T> {
  readonly rows: readonly T[];
  readonly next: string | undefined;
}

/** Reads a cursor, asks the store for a page after it, and shows its rows. Faults: invalid, and `read`'s. */
export async function pageAnswer<T, V>(
  query: PageQuery,
  read: (after: string, limit: number) => Promise<Rows<T>>,
  show: (row: T) => V,
): Promise<Result<{ rows: V[]; next: string | null }>> {
  const after = query.cursor === undefined ? ok("") : cursorText(query.cursor);
  if (!after.ok) return after;
  const page = await read(after.value, query.limit);
  return ok({ rows: page.rows.map(show), next: page.next === undefined ? null : cursorOf(page.next) });
}

const cursorOf = (after: string): string => base64(utf8(after)).replaceAll("+", "-").replaceAll("/", "_");

function cursorText(cursor: string): Result<string> {
  const bytes = fromBase64(cursor.replaceAll("-", "+").replaceAll("_", "/"));
  const text = bytes && textOf(bytes);
  return text === undefined
    ? fail("invalid", "the cursor is not one of ours", { where: "cursor" })
    : ok(text);
}

/** Moments are shown as RFC 3339 in UTC. */
export const Moment = z.iso.datetime();
export const momentText = (ms: number): string => new Date(ms).toISOString();
