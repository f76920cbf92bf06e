import type { Endpoint } from "../../lib/base/endpoint.ts";
import { parseIp, unmapped } from "../../lib/base/ip.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { allows, type AccessList } from "../../lib/gate/time/access-list.ts";
import type { TimeAnswer } from "../../lib/gate/time/time-answer.ts";
import { serveFetch } from "../../lib/host/http.ts";
import type { Log } from "../../lib/watch/log.ts";

export interface HttpTimeHow {
  readonly access: () => AccessList;
  readonly now: () => TimeAnswer | undefined;
  readonly log: Log;
}

export interface HttpTimeService extends AsyncDisposable {
  readonly endpoint: Endpoint;
}

const idleSeconds = 10;
const headers = {
  "cache-control": "no-store",
  "content-type": "application/json",
  "x-content-type-options": "nosniff",
};

/** `GET /time` over plain HTTP: the time with its bound, to whom NTP is served; 503 while nobody knows it.
 *  Undefined where it is off. Faults: exists, denied. */
export function serveHttpTime(
  listen: Endpoint | undefined,
  how: HttpTimeHow,
): Result<HttpTimeService | undefined> {
  if (!listen) return ok(undefined);
  try {
    const server = serveFetch(listen, (request, { address }) => answer(request, address, how), {
      log: how.log,
      bodyBytes: 1024,
      idleSeconds,
    });
    const endpoint = { host: listen.host, port: server.port };
    return ok({ endpoint, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() });
  } catch (cause) {
    const where = `tcp ${listen.host} port ${listen.port}`;
    const isTaken = (cause as NodeJS.ErrnoException).code === "EADDRINUSE";
    if (isTaken)
      return fail("exists", "the port is in use", { where, mend: "name another: httpTime.listen" });
    return fail("denied", "cannot listen", { where, mend: "another address or port: httpTime.listen" });
  }
}

function answer(request: Request, address: string, { access, now }: HttpTimeHow): Response {
  const ip = parseIp(address);
  if (!ip || !allows(access(), unmapped(ip))) return refusal(403, "not served to this address");
  if (new URL(request.url).pathname !== "/time") return refusal(404, "ask for /time");
  if (request.method !== "GET" && request.method !== "HEAD") return refusal(405, "ask with GET");
  const known = now();
  if (!known) return refusal(503, "the time is not known");
  return new Response(`${JSON.stringify(known)}\n`, { headers });
}

const refusal = (status: number, error: string): Response =>
  new Response(`${JSON.stringify({ error })}\n`, {
    status,
    headers: status === 405 ? { ...headers, allow: "GET, HEAD" } : headers,
  });
