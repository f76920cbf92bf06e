import { ok, type Result } from "../../base/result.ts";
import type { Encryption, EncryptionAsk } from "../../rules/encryption.ts";
import type { PlannedForm } from "../blobs/blob-files.ts";
import type { DataKeys } from "../keys/data-keys.ts";
import type { ObjectName } from "../objects.ts";
import type { Room } from "./room.ts";

/** The form of one body, and what is kept of how it is sealed. */
export interface Planned {
  readonly form: PlannedForm | undefined;
  readonly encryption: Encryption | undefined;
}

export const asItCame: Planned = { form: undefined, encryption: undefined };

/** Plans the form of a new object's body: what its writer asks, over the bucket's default. Undefined: as it
 *  comes, told without a promise. */
export function planForm(
  room: Room,
  name: ObjectName,
  ask: EncryptionAsk | undefined,
): Promise<Result<Planned>> | undefined {
  const bucket = room.forms.of(name.bucket);
  const wanted = ask ?? bucket.encryption;
  return wanted && planSealed(room.dataKeys, bucket.tenant, name, wanted);
}

async function planSealed(
  keys: DataKeys,
  tenant: string,
  name: ObjectName,
  wanted: EncryptionAsk,
): Promise<Result<Planned>> {
  const encryption = await keys.resolve(wanted, tenant);
  if (!encryption.ok) return encryption;
  return sealedForm(
    keys,
    tenant,
    name,
    encryption.value,
    wanted.kind === "customer" ? wanted.key : undefined,
  );
}

/** The form of a body that is sealed as something resolved before says: a part as its upload. */
export async function sealedForm(
  keys: DataKeys,
  tenant: string,
  { bucket, key }: ObjectName,
  encryption: Encryption,
  customer: Uint8Array | undefined,
): Promise<Result<Planned>> {
  const made = await keys.make(encryption, { tenant, bucket, key }, customer);
  if (!made.ok) return made;
  const { plain, kept } = made.value.key;
  return ok({ form: { form: "e", key: plain, kept }, encryption: made.value.encryption });
}
