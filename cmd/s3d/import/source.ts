import type { Clock } from "../../../lib/base/time.ts";
import { fail, ok, type Result } from "../../../lib/base/result.ts";
import { signRequest } from "../../../lib/proto/s3/sign.ts";
import { percentEncode, percentEncodePath } from "../../../lib/proto/s3/target.ts";
import { readVersionsXml, type ListedVersion, type ReadVersions } from "../../../lib/proto/s3/versioning.ts";
import { parseXml } from "../../../lib/proto/s3/xml-walk.ts";
import type { Remote } from "../../../lib/store/remotes.ts";
import { pause } from "../../pause.ts";
import { askRemote, type RemoteAnswer } from "../replicate/remote-client.ts";

/** A bucket of another server, to be read. */
export interface ImportSource {
  readonly remote: Remote & { readonly secret: string };
  readonly bucket: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** How long another server may say nothing in the middle of a body. */
const silenceMs = 60_000;
const waitsMs = [1_000, 5_000, 15_000];

/** What is asked again after a while: what may pass by itself. */
const passes = (status: number): boolean => status >= 500 || status === 429 || status === 408;

type Query = Readonly<Record<string, string>>;

/** A small document: tags, a configuration. Faults: unavailable. */
export async function askSource(
  from: ImportSource,
  key: string,
  query: Query,
): Promise<Result<RemoteAnswer>> {
  const { remote, bucket, clock } = from;
  return again(from, async () => {
    const answer = await askRemote(remote, clock, { method: "GET", bucket, key, query });
    return { answer, status: answer.status };
  });
}

export async function listPage(
  from: ImportSource,
  prefix: string,
  after: ReadVersions["next"],
): Promise<Result<ReadVersions>> {
  const place = after && { "key-marker": after.key, "version-id-marker": after.version };
  const query = { versions: "", "encoding-type": "url", "max-keys": "1000", prefix, ...place };
  const answer = await askSource(from, "", query);
  if (!answer.ok) return answer;
  const { status, text, code } = answer.value;
  if (status !== 200) return refusal(status, code);
  const root = parseXml(new TextEncoder().encode(text));
  const page = root.ok ? readVersionsXml(root.value) : undefined;
  return page ? ok(page) : fail("unavailable", "the other server's listing cannot be understood");
}

/** The versions of one key after another, each key's oldest first. Rejects with a fault's sentence. */
export async function* keysOf(
  from: ImportSource,
  prefix: string,
): AsyncGenerator<readonly ListedVersion[], void> {
  let held: ListedVersion[] = [];
  let next: ReadVersions["next"];
  do {
    const page = await listPage(from, prefix, next);
    if (!page.ok) throw new Error(page.fault.what);
    for (const version of page.value.versions) {
      if (held.length > 0 && held[0]!.key !== version.key) {
        yield held.toReversed();
        held = [];
      }
      held.push(version);
    }
    next = page.value.next;
  } while (next && !from.signal.aborted);
  if (held.length > 0 && !from.signal.aborted) yield held.toReversed();
}

/** An object's answer with its body still to be read. */
export interface Opened {
  readonly status: number;
  readonly headers: Headers;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/** Asks for a version's bytes, or a part of them. Faults: unavailable, denied, not-found. */
export async function openSource(from: ImportSource, key: string, query: Query): Promise<Result<Opened>> {
  const { remote, bucket, clock } = from;
  const pairs = Object.entries(query).map(
    ([name, value]) => `${percentEncode(name)}=${percentEncode(value)}`,
  );
  const path = `/${bucket}/${percentEncodePath(key)}`;
  const target = pairs.length === 0 ? path : `${path}?${pairs.join("&")}`;
  const url = new URL(remote.endpoint);
  const by = { keyId: remote.keyId, secret: remote.secret, region: remote.region };
  const opened = await again(from, async () => {
    const plain = { host: url.host, "x-amz-checksum-mode": "ENABLED", "accept-encoding": "identity" };
    const { host: _, ...headers } = signRequest({ method: "GET", target, headers: plain }, by, clock.wall());
    const answer = await fetch(`${url.origin}${target}`, {
      headers,
      redirect: "manual",
      decompress: false,
      signal: from.signal,
      ...(remote.ca === "" ? {} : { tls: { ca: remote.ca } }),
    } as RequestInit);
    if (answer.status !== 200 && answer.status !== 206) await answer.body?.cancel();
    return { answer, status: answer.status };
  });
  if (!opened.ok) return opened;
  const { status, headers, body } = opened.value;
  if (status !== 200 && status !== 206) return refusal(status, "");
  return ok({ status, headers, chunks: chunksOf(body) });
}

async function* chunksOf(body: ReadableStream<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  const reader = body?.getReader();
  if (!reader) return;
  try {
    for (;;) {
      const step = await inTime(reader.read());
      if (step.done) return;
      yield step.value;
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

async function inTime<T>(step: Promise<T>): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error("the other server has gone silent")), silenceMs);
  try {
    return await Promise.race([step, late.promise]);
  } finally {
    clearTimeout(timer);
  }
}

/** Tries three times more where the other server cannot be reached or asks for patience. */
async function again<T>(
  { signal }: ImportSource,
  ask: () => Promise<{ readonly answer: T; readonly status: number }>,
): Promise<Result<T>> {
  for (let attempt = 0; ; attempt++) {
    let why: string;
    try {
      const { answer, status } = await ask();
      if (!passes(status) || attempt === waitsMs.length) return ok(answer);
      why = `it answers ${status}`;
    } catch (error) {
      why = error instanceof Error ? error.message : String(error);
    }
    if (attempt === waitsMs.length || signal.aborted) {
      return fail("unavailable", `the other server cannot be read: ${why}`);
    }
    await pause(waitsMs[attempt]!, signal);
  }
}

function refusal(status: number, code: string): Result<never> {
  const what = `the other server answered ${status}${code === "" ? "" : ` ${code}`}`;
  if (status === 404) return fail("not-found", what);
  return fail(status === 401 || status === 403 ? "denied" : "unavailable", what);
}
