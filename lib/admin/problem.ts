import { z } from "@hono/zod-openapi";
import type { ContentfulStatusCode } from "hono/utils/http-status";
import type { Fault, FaultCode } from "../base/fault.ts";

/** Every fault has its status: a new code does not compile until the API can say it. */
export const statusOf: Readonly<Record<FaultCode, ContentfulStatusCode>> = {
  "not-found": 404,
  exists: 409,
  denied: 403,
  unauthenticated: 401,
  invalid: 422,
  "bad-name": 422,
  "not-directory": 409,
  "is-directory": 409,
  "not-empty": 409,
  busy: 409,
  conflict: 409,
  precondition: 412,
  retained: 403,
  quota: 507,
  "no-space": 507,
  "read-only": 503,
  "too-large": 413,
  "too-many": 429,
  "bad-range": 416,
  digest: 400,
  truncated: 400,
  damaged: 500,
  unsupported: 501,
  timeout: 504,
  cancelled: 503,
  unavailable: 503,
  io: 500,
};

/** RFC 9457. `code` is the house's own word, the one to compare with; `detail` and `mend` are for people. */
export const Problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.string(),
    detail: z.string(),
    where: z.string().optional(),
    mend: z.string().optional(),
    instance: z.string(),
    errors: z
      .array(z.object({ pointer: z.string(), detail: z.string(), code: z.string() }))
      .max(100)
      .optional(),
  })
  .openapi("Problem");
export type Problem = z.infer<typeof Problem>;

export interface Refusal {
  readonly fault: Fault;
  /** Where the status is not the fault's own: 428, 405. */
  readonly status?: ContentfulStatusCode;
  readonly errors?: NonNullable<Problem["errors"]>;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The fault as application/problem+json. `request` is the request's id. */
export function problemResponse(refusal: Refusal, request: string): Response {
  const { fault, errors } = refusal;
  const status = refusal.status ?? statusOf[fault.code];
  const problem: Problem = {
    type: `urn:holdfast:fault:${fault.code}`,
    title: titleOf(fault.code),
    status,
    code: fault.code,
    detail: fault.what,
    ...(fault.where ? { where: fault.where } : {}),
    ...(fault.mend ? { mend: fault.mend } : {}),
    instance: `urn:holdfast:request:${request}`,
    ...(errors ? { errors } : {}),
  };
  const headers = new Headers({ "content-type": "application/problem+json", ...refusal.headers });
  if (status === 429) headers.set("retry-after", /^(\d+) s$/.exec(fault.where ?? "")?.[1] ?? "60");
  if (status === 401) headers.set("www-authenticate", 'Bearer realm="holdfast"');
  return new Response(JSON.stringify(problem), { status, headers });
}

const titleOf = (code: FaultCode): string => {
  const words = code.replaceAll("-", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
};
