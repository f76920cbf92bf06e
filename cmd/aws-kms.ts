import { fail, ok, type Result } from "../lib/base/result.ts";
import type { Clock } from "../lib/base/time.ts";
import { signService, type Credentials } from "../lib/proto/s3/sign.ts";
import { sealTrouble } from "../lib/rules/encryption.ts";
import type { KeyService } from "../lib/store/keys.ts";

/** Where a key service is, and who we are to it. */
export interface AwsKmsPlace {
  /** "https://kms.eu-central-1.amazonaws.com" */
  readonly endpoint: string;
  readonly credentials: Credentials;
  /** The key that seals where none is named. */
  readonly defaultKey: string | undefined;
}

const patienceMs = 10_000;

/** The AWS KMS API (TrentService, JSON 1.1): GenerateDataKey and Decrypt, each tried once more where the
 *  service does not answer. */
export function awsKms(place: AwsKmsPlace, clock: Clock): KeyService {
  const ask = async (action: string, body: object): Promise<Result<Answered>> => {
    const first = await askOnce(place, clock, action, body);
    return first.ok || first.fault.code !== "unavailable" ? first : askOnce(place, clock, action, body);
  };
  return {
    async newDataKey(key, context) {
      const wanted = key ?? place.defaultKey;
      if (wanted === undefined) return sealTrouble("kms-key-unknown");
      const body = { KeyId: wanted, KeySpec: "AES_256", EncryptionContext: context };
      const made = await ask("GenerateDataKey", body);
      if (!made.ok) return made;
      const [plain, sealed] = [bytesIn(made.value, "Plaintext"), bytesIn(made.value, "CiphertextBlob")];
      const { KeyId: id } = made.value;
      if (plain?.length !== 32 || !sealed || sealed.length > 6144 || typeof id !== "string")
        return nonsense();
      return ok({ plain, sealed, key: id });
    },
    async open(sealed, context) {
      const opened = await ask("Decrypt", { CiphertextBlob: sealed.toBase64(), EncryptionContext: context });
      if (!opened.ok) return opened;
      const plain = bytesIn(opened.value, "Plaintext");
      return plain?.length === 32 ? ok(plain) : nonsense();
    },
  };
}

type Answered = Readonly<Record<string, unknown>>;

async function askOnce(
  { endpoint, credentials }: AwsKmsPlace,
  clock: Clock,
  action: string,
  body: object,
): Promise<Result<Answered>> {
  const url = new URL(endpoint);
  const text = JSON.stringify(body);
  const plain = {
    host: url.host,
    "content-type": "application/x-amz-json-1.1",
    "x-amz-target": `TrentService.${action}`,
  };
  const out = { method: "POST", target: "/", headers: plain, body: text };
  const headers = signService(out, "kms", credentials, clock.wall());
  try {
    const signal = AbortSignal.timeout(patienceMs);
    const answer = await fetch(url, { method: "POST", headers, body: text, signal, redirect: "error" });
    const said: unknown = await answer.json();
    const fields = typeof said === "object" && said !== null ? (said as Answered) : {};
    return answer.ok ? ok(fields) : refusal(answer.status, fields);
  } catch (error) {
    return fail("unavailable", "the key service does not answer", { where: `${url.host}: ${String(error)}` });
  }
}

function refusal(status: number, { __type: kind }: Answered): Result<never> {
  const name = typeof kind === "string" ? kind.slice(kind.lastIndexOf("#") + 1) : `status ${status}`;
  if (name === "NotFoundException") return sealTrouble("kms-key-unknown");
  if (name === "DisabledException" || name === "KMSInvalidStateException")
    return sealTrouble("kms-key-disabled");
  if (status >= 500 || name === "ThrottlingException") {
    return fail("unavailable", `the key service answers ${name}`);
  }
  return fail("denied", `the key service refuses: ${name}`);
}

function bytesIn(fields: Answered, name: string): Uint8Array | undefined {
  const text = fields[name];
  try {
    return typeof text === "string" ? Uint8Array.fromBase64(text) : undefined;
  } catch {
    return undefined;
  }
}

const nonsense = (): Result<never> => fail("unavailable", "the key service's answer cannot be understood");
