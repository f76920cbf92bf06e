import type { Clock } from "../../../lib/base/time.ts";
import { signRequest } from "../../../lib/proto/s3/sign.ts";
import { percentEncode, percentEncodePath } from "../../../lib/proto/s3/target.ts";
import type { Remote } from "../../../lib/store/remotes.ts";

export interface RemoteAsk {
  readonly method: "GET" | "HEAD" | "PUT" | "POST" | "DELETE";
  readonly bucket: string;
  /** "" for the bucket itself. */
  readonly key: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | { readonly size: number; readonly chunks: AsyncIterable<Uint8Array> };
}

export interface RemoteAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The error's code, "" for none. */
  readonly code: string;
}

/** Bodies of answers that are read: all are small documents. */
const patienceMs = 30_000;
/** A body that is sent may take this long for each MiB. */
const patiencePerMiBMs = 4000;

/** Asks another S3 server, path style, signed. Rejects where it cannot be reached; the message names no
 *  secret. The key must not have "." or ".." as a segment: what carries HTTP changes those on the way. */
export async function askRemote(
  remote: Remote & { readonly secret: string },
  clock: Clock,
  ask: RemoteAsk,
): Promise<RemoteAnswer> {
  const { method, bucket, key, query = {}, body } = ask;
  const pairs = Object.entries(query).map(
    ([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`,
  );
  const path = `/${bucket}${key === "" ? "" : `/${percentEncodePath(key)}`}`;
  const target = pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
  const url = new URL(remote.endpoint);
  const plain = { host: url.host, ...ask.headers };
  const by = { keyId: remote.keyId, secret: remote.secret, region: remote.region };
  const { host: _, ...headers } = signRequest({ method, target, headers: plain }, by, clock.wall());
  const size = typeof body === "object" ? body.size : 0;
  const signal = AbortSignal.timeout(patienceMs + Math.ceil(size / 2 ** 20) * patiencePerMiBMs);
  const answer = await fetch(`${url.origin}${target}`, {
    method,
    headers: typeof body === "object" ? { ...headers, "content-length": String(size) } : headers,
    redirect: "manual",
    signal,
    ...(body === undefined ? {} : { body: typeof body === "string" ? body : sentBody(body) }),
    ...(remote.ca === "" ? {} : { tls: { ca: remote.ca } }),
  } as RequestInit);
  const text = await answer.text();
  const code = answer.status >= 300 ? (/<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? "") : "";
  return { status: answer.status, headers: answer.headers, text, code };
}

/** Bun sends what is iterable as it comes, with the length that the header says. */
const sentBody = (body: { size: number; chunks: AsyncIterable<Uint8Array> }): unknown =>
  body.size === 0 ? "" : body.chunks;

export const hasDotSegment = (key: string): boolean =>
  key.split("/").some((segment) => segment === "." || segment === "..");
