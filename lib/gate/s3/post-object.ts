import { BodyLost } from "../../base/http.ts";
import { readBodyChecksums } from "../../proto/s3/checksum.ts";
import { FormDecoder, readBoundary } from "../../proto/s3/form-data.ts";
import { refuse, type Parsed, type S3Error } from "../../proto/s3/error.ts";
import { postResponseXml } from "../../proto/s3/multipart.ts";
import { readPostPolicy, type PostPolicy } from "../../proto/s3/post-policy.ts";
import { percentEncode, percentEncodePath } from "../../proto/s3/target.ts";
import type { Source } from "../../store/content.ts";
import type { ObjectVersion } from "../../store/objects.ts";
import { authority } from "./authority.ts";
import { answer, type Answer, type Call } from "./call.ts";
import { planEncryption, sealHeaders } from "./encryption.ts";
import { faultAnswer } from "./faults.ts";
import { checksumHeaders, versionHeader } from "./object-headers.ts";
import { planLock } from "./object-lock.ts";
import { planFacts } from "./put-object.ts";

/** An upload by a browser's form: fields, then the file. */
export async function postObject(call: Call): Promise<Answer> {
  const boundary = readBoundary(call.headers.get("content-type"));
  if (boundary === undefined) {
    return refuse("MalformedPOSTRequest", "Bucket POST must be of the enclosure-type multipart/form-data");
  }
  const form = new Form(call, boundary);
  const fields = await form.begin();
  if (!fields.ok) return fields;
  const proven = await call.asForm(fields.value);
  if (!proven.ok) return proven;
  const policy = planPolicy(fields.value, call);
  if (!policy.ok) return policy;
  const key = (fields.value.get("key") ?? "").replace("${filename}", form.fileName);
  if (key === "") return refuse("InvalidArgument", "Bucket POST must contain a field named 'key'.");
  const asked: Call = {
    ...call,
    ...proven.value,
    operation: { ...call.operation, key },
    headers: headersOf(fields.value),
  };
  if (!(await asked.mayAlso(authority.PostObject, call.bucket, key)))
    return refuse("AccessDenied", "Access Denied");
  return await store(asked, form, policy.value, fields.value);
}

async function store(
  call: Call,
  form: Form,
  policy: PostPolicy | undefined,
  fields: ReadonlyMap<string, string>,
): Promise<Answer> {
  const facts = await planFacts(call);
  if (!facts.ok) return facts;
  const lock = await planLock(call);
  if (!lock.ok) return lock;
  const seal = planEncryption(call);
  if (!seal.ok) return seal;
  const sums = readBodyChecksums(call.headers, undefined);
  if (!sums.ok) return sums;
  const { md5, chosen } = sums.value;
  const { bucket, key } = call.operation;
  const put = {
    encryption: seal.value.encryption,
    ...facts.value,
    ...lock.value,
    digests: [chosen?.checksum.name ?? "crc64nvme"] as const,
    expect: () => ({
      ...(md5 ? { md5 } : {}),
      ...(chosen?.value ? { [chosen.checksum.name]: chosen.value } : {}),
    }),
    when: {},
    how: "post" as const,
  };
  const done = await call.objects.put(call.actor, { bucket, key }, form.source(policy), put);
  if (!done.ok)
    return form.failure ? { ok: false, fault: form.failure } : faultAnswer(done.fault, "NoSuchBucket");
  return render(call, done.value, fields);
}

function planPolicy(fields: ReadonlyMap<string, string>, call: Call): Parsed<PostPolicy | undefined> {
  if (!fields.has("policy")) return { ok: true, value: undefined };
  const policy = readPostPolicy(fields, call.bucket.name);
  if (!policy.ok || policy.value.expiresAt > call.now) return policy;
  return refuse("AccessDenied", "Invalid according to Policy: Policy expired.");
}

/** Fields that mean what a header of the same name means. */
function headersOf(fields: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const headers = new Map(
    [...fields].filter(([name]) => /^(?:content-|cache-control$|expires$|x-amz-)/.test(name)),
  );
  headers.delete("x-amz-signature");
  const acl = fields.get("acl");
  if (acl !== undefined) headers.set("x-amz-acl", acl);
  const utf8Bytes = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text));
  return new Map([...headers].map(([name, value]) => [name, utf8Bytes(value).replace(/[\r\n\0]/g, " ")]));
}

function render(call: Call, version: ObjectVersion, fields: ReadonlyMap<string, string>): Answer {
  const { bucket, key } = call.operation;
  const etag = `"${version.etag}"`;
  const host = call.request.headers.get("host") ?? "localhost";
  const location = `${call.request.secure ? "https" : "http"}://${host}/${bucket}/${percentEncodePath(key)}`;
  const sealed = sealHeaders(call, version.encryption, undefined);
  const sums = checksumHeaders(version);
  const headers = { etag, location, ...sums, ...versionHeader(call.bucket, version), ...sealed };
  const redirect = fields.get("success_action_redirect") ?? fields.get("redirect");
  if (redirect !== undefined && /^https?:\/\/[\x21-\x7e]+$/.test(redirect)) {
    const more = `bucket=${percentEncode(bucket)}&key=${percentEncode(key)}&etag=${percentEncode(etag)}`;
    return answer(303, { ...headers, location: `${redirect}${redirect.includes("?") ? "&" : "?"}${more}` });
  }
  const status = fields.get("success_action_status");
  if (status === "200") return answer(200, headers);
  if (status !== "201") return answer(204, headers);
  const document = postResponseXml(location, bucket, key, version.etag);
  return answer(201, { "content-type": "application/xml", ...headers }, document);
}

/** The form's body: its fields at once, its file as a source. */
class Form {
  failure: S3Error | undefined;
  readonly #decoder: FormDecoder;
  readonly #body: AsyncIterator<Uint8Array>;
  readonly #out: Uint8Array[] = [];

  constructor(call: Call, boundary: string) {
    this.#decoder = new FormDecoder(boundary);
    this.#body = call.request.body[Symbol.asyncIterator]();
  }

  get fileName(): string {
    return this.#decoder.fileName;
  }

  async begin(): Promise<Parsed<ReadonlyMap<string, string>>> {
    try {
      while (!this.#decoder.inFile) await this.#more();
    } catch (error) {
      if (!(error instanceof BodyLost)) throw error;
      return this.failure
        ? { ok: false, fault: this.failure }
        : faultAnswer({ code: "truncated", what: "" }, "NoSuchBucket");
    }
    return { ok: true, value: this.#decoder.fields };
  }

  source(policy: PostPolicy | undefined): Source {
    return { size: undefined, chunks: this.#file(policy) };
  }

  async *#file(policy: PostPolicy | undefined): AsyncGenerator<Uint8Array> {
    let size = 0;
    for (;;) {
      for (const piece of this.#out.splice(0)) {
        size += piece.length;
        if (size > (policy?.maxBytes ?? 5 * 2 ** 30))
          this.#stop("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size");
        yield piece.slice();
      }
      if (!(await this.#more())) break;
    }
    if (size < (policy?.minBytes ?? 0))
      this.#stop("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size");
  }

  /** Whether there is more to come. */
  async #more(): Promise<boolean> {
    const next = await this.#body.next();
    const refusal = next.done ? this.#decoder.finish() : this.#decoder.push(next.value, this.#out);
    if (refusal) this.#stop(refusal.code, refusal.message);
    return !next.done;
  }

  #stop(code: S3Error["code"], message: string): never {
    this.failure = { code, message };
    throw new BodyLost("malformed");
  }
}
