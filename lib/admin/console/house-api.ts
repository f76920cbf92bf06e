import type { Fault, FaultCode } from "../../base/fault.ts";
import { fault } from "../../base/fault.ts";
import { ok, type Result } from "../../base/result.ts";
import type { Peer } from "../needs.ts";
import { statusOf, type Problem } from "../problem.ts";

/** The admin API as a page asks it: in this process, with the visitor's own token, so that a page can show
 *  and do nothing that its visitor could not. */
export interface HouseApi {
  /** `path` is beneath /api/v1. Faults: what the API says. */
  ask<T>(method: string, path: string, body?: unknown): Promise<Result<T>>;
  open(path: string, signal: AbortSignal): Promise<Response>;
}

export type Fetch = (request: Request, env: { peer: Peer }) => Response | Promise<Response>;

export function houseApi(fetch: Fetch, peer: Peer, token: string | undefined): HouseApi {
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` };
  const send = async (path: string, init: RequestInit): Promise<Response> =>
    await fetch(new Request(`https://house/api/v1${path}`, init), { peer: { ...peer, local: false } });
  return {
    async ask<T>(method: string, path: string, body?: unknown): Promise<Result<T>> {
      const typed = body === undefined ? {} : { "content-type": "application/json" };
      const headers = { ...authorization, ...typed, "if-match": "*" };
      const answer = await send(path, {
        method,
        headers,
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await answer.text();
      if (!answer.ok) return { ok: false, fault: faultOf(text) };
      return ok((text === "" ? undefined : JSON.parse(text)) as T);
    },
    open: (path, signal) => send(path, { headers: authorization, signal }),
  };
}

function faultOf(text: string): Fault {
  const problem = JSON.parse(text) as Partial<Problem>;
  const code = Object.hasOwn(statusOf, problem.code ?? "") ? (problem.code as FaultCode) : "io";
  const said = problem.errors?.map(({ pointer, detail }) => `${pointer.slice(1)}: ${detail}`).join("; ");
  return fault(code, said ? `That does not fit: ${said}` : (problem.detail ?? "It is refused"), {
    where: problem.where,
    mend: problem.mend,
  });
}
