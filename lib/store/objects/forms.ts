import { ok, type Result } from "../../base/result.ts";
import type { Encryption, EncryptionAsk } from "../../rules/encryption.ts";
import { isCompressible } from "../../rules/stored-form.ts";
import type { PlannedForm } from "../blobs/blob-files.ts";
import type { ObjectFacts, ObjectName } from "../objects.ts";
import type { BucketForm } from "./bucket-forms.ts";
import type { Room } from "./room.ts";

/** The form of one body, and what is kept of how it is sealed. */
export interface Planned {
  readonly form: PlannedForm | undefined;
  readonly encryption: Encryption | undefined;
  /** Among which bodies an equal one is looked for; undefined: among none. */
  readonly equals: Equals | undefined;
}

export interface Equals {
  /** A bucket's number. */
  readonly bucket: number;
  /** How they are sealed: only those that are sealed alike can stand for one another. */
  readonly seal: string;
}

export const asItCame: Planned = { form: undefined, encryption: undefined, equals: undefined };

type About = ObjectName & Pick<ObjectFacts, "contentType" | "headers">;

/** Plans the form of a new object's body: what its writer asks, over what the bucket says. Undefined: as it
 *  comes, told without a promise. */
export function planForm(
  room: Room,
  about: About,
  ask: EncryptionAsk | undefined,
): Promise<Result<Planned>> | undefined {
  const bucket = room.forms.of(about.bucket);
  const wanted = ask ?? bucket.encryption;
  if (wanted) return planSealed(room, bucket, about, wanted);
  const planned = openForm(bucket, about);
  return planned && Promise.resolve(ok(planned));
}

async function planSealed(
  room: Room,
  bucket: BucketForm,
  about: About,
  wanted: EncryptionAsk,
): Promise<Result<Planned>> {
  const encryption = await room.dataKeys.resolve(wanted, bucket.tenant);
  if (!encryption.ok) return encryption;
  const customer = wanted.kind === "customer" ? wanted.key : undefined;
  return sealedForm(room, bucket, about, encryption.value, customer);
}

/** The form of an upload's part, which is sealed as its upload. */
export function planPart(
  room: Room,
  about: About,
  encryption: Encryption | undefined,
  customer: Uint8Array | undefined,
): Promise<Result<Planned>> | undefined {
  const bucket = room.forms.of(about.bucket);
  if (encryption) return sealedForm(room, bucket, about, encryption, customer);
  const planned = openForm(bucket, about);
  return planned && Promise.resolve(ok(planned));
}

/** Of a body that is not sealed. */
function openForm(bucket: BucketForm, about: About): Planned | undefined {
  const shrinks = compresses(bucket, about);
  if (!shrinks && bucket.deduplicates === undefined) return undefined;
  const form: PlannedForm | undefined = shrinks ? { form: "z", key: undefined, kept: undefined } : undefined;
  return { form, encryption: undefined, equals: equalsOf(bucket, "") };
}

const equalsOf = ({ deduplicates }: BucketForm, seal: string | undefined): Equals | undefined =>
  deduplicates === undefined || seal === undefined ? undefined : { bucket: deduplicates, seal };

const compresses = (bucket: BucketForm, { key, contentType, headers }: About): boolean =>
  bucket.compresses && isCompressible(key, contentType, headers["content-encoding"]);

async function sealedForm(
  room: Room,
  bucket: BucketForm,
  about: About,
  encryption: Encryption,
  customer: Uint8Array | undefined,
): Promise<Result<Planned>> {
  const to = { tenant: bucket.tenant, bucket: about.bucket, key: about.key };
  const made = await room.dataKeys.make(encryption, to, customer);
  if (!made.ok) return made;
  const { plain, kept } = made.value.key;
  const form: PlannedForm = { form: compresses(bucket, about) ? "ze" : "e", key: plain, kept };
  const sealed = made.value.encryption;
  return ok({ form, encryption: sealed, equals: equalsOf(bucket, sealName(sealed)) });
}

/** What is under a customer's key equals nothing that somebody else may read. */
function sealName(encryption: Encryption): string | undefined {
  if (encryption.kind === "house") return "house";
  if (encryption.kind === "customer" || encryption.context) return undefined;
  return `key ${encryption.key}`;
}
