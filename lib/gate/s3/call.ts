import type { HttpAnswer, HttpRequest } from "../../base/http.ts";
import type { UnixMs } from "../../base/time.ts";
import type { Actor } from "../../rules/identity.ts";
import type { ChunkSigner } from "../../proto/s3/aws-chunked.ts";
import type { Parsed } from "../../proto/s3/error.ts";
import type { Operation } from "../../proto/s3/operation.ts";
import type { Query } from "../../proto/s3/target.ts";
import type { Bucket, ObjectName, Objects } from "../../store/objects.ts";
import type { Permission } from "./authority.ts";
import type { EventDesk, S3Setting } from "./needs.ts";

/** One request: who asks is known, and that they may. */
export interface Call {
  readonly operation: Operation;
  readonly query: Query;
  readonly headers: ReadonlyMap<string, string>;
  readonly request: HttpRequest;
  readonly actor: Actor;
  /** Chains the chunk signatures of a signed streaming body. */
  readonly signer: ChunkSigner | undefined;
  readonly objects: Objects;
  readonly events: EventDesk;
  readonly setting: S3Setting;
  /** Whether the caller may do this too: a copy's source, each key of a bulk delete. */
  readonly mayAlso: (permission: Permission, bucket: Bucket, key: string) => Promise<boolean>;
  /** Proves a form's fields, and gives who asks then. */
  readonly asForm: (fields: ReadonlyMap<string, string>) => Promise<Parsed<Pick<Call, "actor" | "mayAlso">>>;
  readonly now: UnixMs;
  /** The bucket asked about. Only for operations of a bucket or an object. */
  readonly bucket: Bucket;
}

export type Answer = Parsed<HttpAnswer>;
export type Handler = (call: Call) => Promise<Answer>;

export const nameOf = (call: Call): ObjectName => ({
  bucket: call.operation.bucket,
  key: call.operation.key,
});

export function answer(
  status: number,
  headers: Readonly<Record<string, string>> = {},
  body?: HttpAnswer["body"],
): Answer {
  return { ok: true, value: { status, headers, body } };
}

export const xmlAnswer = (document: string, headers: Readonly<Record<string, string>> = {}): Answer =>
  answer(200, { "content-type": "application/xml", ...headers }, document);
