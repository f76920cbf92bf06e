import { chmodSync, existsSync, unlinkSync } from "node:fs";
import { endpointText, type Endpoint } from "../base/endpoint.ts";
import type { Log } from "../watch/log.ts";

/** Who sent a request. */
export interface Peer {
  /** Without port; "" over a unix socket. */
  readonly address: string;
  /** Came through the unix socket, which only the owner of the data directory can open. */
  readonly local: boolean;
}

export type FetchHandler = (request: Request, peer: Peer) => Response | Promise<Response>;

export interface FetchOptions {
  readonly log: Log;
  /** PEM texts. */
  readonly tls?: { readonly key: string; readonly cert: string; readonly ca?: string } | undefined;
  /** Largest request body, in bytes; 413 above it. Default 1 MiB. */
  readonly bodyBytes?: number;
  /** A connection without a byte in either direction ends after this many seconds (1–255). Default 60:
   *  a live feed says something more often. */
  readonly idleSeconds?: number;
}

export interface FetchServer extends AsyncDisposable {
  /** As bound: port 0 is resolved. "unix" where it is a socket file. */
  readonly url: string;
  readonly port: number;
}

/** How long requests under way may take once the server is told to stop: less than boot's patience. */
const drainMs = 3000;

/** Serves a fetch-style handler (a Hono app) on Bun.serve. Its request targets are normalised by Bun, which
 *  S3 keys cannot bear: those go through `listenHttp`. Throws where the address is taken.
 *  Disposing stops accepting, and waits for the requests under way, for at most 3 s. */
export function serveFetch(
  listen: Endpoint | { readonly unix: string },
  handler: FetchHandler,
  options: FetchOptions,
): FetchServer {
  const where = "unix" in listen ? unixPlace(listen.unix) : { hostname: listen.host, port: listen.port };
  const local = "unix" in listen;
  const server = Bun.serve({
    ...where,
    development: false,
    maxRequestBodySize: options.bodyBytes ?? 1 << 20,
    idleTimeout: options.idleSeconds ?? 60,
    ...(options.tls ? { tls: options.tls } : {}),
    fetch: (request, bun) =>
      handler(request, { address: local ? "" : (bun.requestIP(request)?.address ?? ""), local }),
    error(error) {
      options.log.error("request failed", { error: String(error) });
      return new Response("internal error\n", { status: 500 });
    },
  } as Parameters<typeof Bun.serve>[0]);
  if ("unix" in listen) chmodSync(listen.unix, 0o600);
  const port = server.port ?? 0;
  const scheme = options.tls ? "https" : "http";
  const url = "unix" in listen ? "unix" : `${scheme}://${endpointText({ host: listen.host, port })}`;
  return {
    url,
    port,
    async [Symbol.asyncDispose]() {
      const cut = setTimeout(() => void server.stop(true), drainMs);
      await server.stop();
      clearTimeout(cut);
      if ("unix" in listen && existsSync(listen.unix)) unlinkSync(listen.unix);
    },
  };
}

/** The path, free to bind: what a killed predecessor left behind is taken away. The folder must be 0700. */
function unixPlace(path: string): { unix: string } {
  if (existsSync(path)) unlinkSync(path);
  return { unix: path };
}
