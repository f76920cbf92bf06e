import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { readHeaderClaim } from "../../lib/proto/s3/claim.ts";
import { signatureOf, signingKey } from "../../lib/proto/s3/sigv4.ts";
import { readTarget } from "../../lib/proto/s3/target.ts";

export interface FakeKms extends AsyncDisposable {
  readonly endpoint: string;
  readonly keyId: string;
  readonly secret: string;
  /** What was asked, in order. */
  readonly asked: string[];
  /** Answers DisabledException from now on, or no more. */
  disable(yes: boolean): void;
}

const arn = "arn:aws:kms:us-east-1:000000000000:key/11111111-2222-3333-4444-555555555555";

/** A small key service that does what AWS KMS does: it checks the signature over the whole request, seals
 *  data keys with AES-256-GCM under a key that it never gives away, and binds them to the
 *  encryption context. */
export function startFakeKms(): FakeKms {
  const [keyId, secret] = ["AKIAFAKEKMSKEYSERVICE", "fake-kms-secret"];
  const master = randomBytes(32);
  const asked: string[] = [];
  let disabled = false;

  const answers: Record<string, (body: Record<string, unknown>) => object> = {
    "TrentService.GenerateDataKey"(body) {
      if (body["KeyId"] !== arn && body["KeyId"] !== "alias/objects") throw new Refusal("NotFoundException");
      const plain = randomBytes(32);
      const nonce = randomBytes(12);
      const cipher = createCipheriv("aes-256-gcm", master, nonce).setAAD(contextOf(body));
      const sealed = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
      return { KeyId: arn, Plaintext: plain.toString("base64"), CiphertextBlob: sealed.toString("base64") };
    },
    "TrentService.Decrypt"(body) {
      const sealed = Buffer.from(body["CiphertextBlob"] as string, "base64");
      const cipher = createDecipheriv("aes-256-gcm", master, sealed.subarray(0, 12)).setAAD(contextOf(body));
      cipher.setAuthTag(sealed.subarray(-16));
      try {
        const plain = Buffer.concat([cipher.update(sealed.subarray(12, -16)), cipher.final()]);
        return { KeyId: arn, Plaintext: plain.toString("base64") };
      } catch {
        throw new Refusal("InvalidCiphertextException");
      }
    },
  };

  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const text = await request.text();
      const action = request.headers.get("x-amz-target") ?? "";
      asked.push(action.replace("TrentService.", ""));
      try {
        if (!isSigned(request, text, keyId, secret)) throw new Refusal("UnrecognizedClientException");
        if (disabled) throw new Refusal("DisabledException");
        return Response.json(answers[action]!(JSON.parse(text) as Record<string, unknown>));
      } catch (error) {
        if (!(error instanceof Refusal)) throw error;
        return Response.json({ __type: error.kind, message: error.kind }, { status: 400 });
      }
    },
  });
  return {
    endpoint: `http://127.0.0.1:${server.port}`,
    keyId,
    secret,
    asked,
    disable: (yes) => void (disabled = yes),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

class Refusal extends Error {
  readonly kind: string;
  constructor(kind: string) {
    super(kind);
    this.kind = kind;
  }
}

const contextOf = (body: Record<string, unknown>): Buffer => {
  const entries = Object.entries((body["EncryptionContext"] ?? {}) as Record<string, string>);
  return Buffer.from(JSON.stringify(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
};

function isSigned(request: Request, text: string, keyId: string, secret: string): boolean {
  const headers = new Map([...request.headers].map(([name, value]) => [name, value] as const));
  const target = readTarget("/");
  const claim = readHeaderClaim(headers);
  if (!target.ok || !claim.ok || claim.value.keyId !== keyId) return false;
  const payload = new Bun.CryptoHasher("sha256").update(text).digest("hex");
  const signed = { method: "POST", target: target.value, headers, payload };
  return signatureOf(claim.value, signingKey(secret, claim.value), signed, "/") === claim.value.signature;
}
