import { fromHex, utf8 } from "../../base/bytes.ts";
import { contains, parsePrefix, type Ip, type Prefix } from "../../base/ip.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { Cmac } from "../../crypto/cmac.ts";
import { equalSecrets } from "../../crypto/equal.ts";
import { md5, sha1, sha256, sha384, sha512 } from "../../crypto/hash.ts";

/** RFC 5905 §7.3, RFC 8573 and what chrony and NTPsec add. MD5 and SHA1 are for old peers only. */
export const keyTypes = ["MD5", "SHA1", "SHA256", "SHA384", "SHA512", "AES128", "AES256"] as const;
export type KeyType = (typeof keyTypes)[number];

/** One symmetric key. Plain data, so that it can be handed to a thread. */
export interface SymmetricKey {
  /** 1 … 2³²−1. */
  readonly id: number;
  readonly type: KeyType;
  readonly secret: Uint8Array;
  /** Who may use it; empty: anybody who has it. Binds a key to its peer (CVE-2016-1567). */
  readonly from: readonly Prefix[];
}

/** In version 4 digests longer than this are cut: its MAC ends at 24 bytes. Version 3 carries them whole. */
const cutDigest = 20;

/** Makes and checks MACs under the keys it holds. */
export class KeyRing {
  readonly #keys: ReadonlyMap<number, { key: SymmetricKey; digest: (covered: Uint8Array) => Uint8Array }>;

  constructor(keys: readonly SymmetricKey[]) {
    this.#keys = new Map(keys.map((key) => [key.id, { key, digest: digestOf(key) }]));
  }

  /** Whether `digest` is that of `covered` under the key, and `from` may use it. Constant time in the
   *  digest. */
  verdict(
    id: number,
    covered: Uint8Array,
    digest: Uint8Array,
    from: Ip,
  ): "good" | "unknown-key" | "key-not-allowed" | "bad-digest" {
    const held = this.#keys.get(id);
    if (!held) return "unknown-key";
    const { key } = held;
    if (key.from.length > 0 && !key.from.some((prefix) => contains(prefix, from))) return "key-not-allowed";
    const whole = held.digest(covered);
    if (digest.length !== whole.length && digest.length !== Math.min(whole.length, cutDigest))
      return "bad-digest";
    return equalSecrets(whole.subarray(0, digest.length), digest) ? "good" : "bad-digest";
  }

  /** The first `length` bytes of the digest of `covered`; undefined where the ring does not hold the key. */
  sign(id: number, covered: Uint8Array, length: number): Uint8Array | undefined {
    return this.#keys.get(id)?.digest(covered).subarray(0, length);
  }
}

function digestOf({ type, secret }: SymmetricKey): (covered: Uint8Array) => Uint8Array {
  if (type === "AES128" || type === "AES256") {
    const mac = new Cmac(secret);
    return (covered) => mac.sum(covered);
  }
  const hash = hashes[type];
  return (covered) => hash(secret, covered);
}

const hashes: Record<Exclude<KeyType, "AES128" | "AES256">, typeof sha256> = {
  MD5: md5,
  SHA1: sha1,
  SHA256: sha256,
  SHA384: sha384,
  SHA512: sha512,
};

const secretBytes: Partial<Record<KeyType, number>> = { AES128: 16, AES256: 32 };

/** Reads a key file in chrony's format, a key a line: `id TYPE KEY`, KEY being `HEX:…`, `ASCII:…` or plain
 *  text;
 *  without TYPE it is MD5. A fourth word, as ntpd has it, lists the networks it may be used from, by commas.
 *  Faults: invalid, with the line in `where`. */
export function parseKeys(text: string, name: string): Result<SymmetricKey[]> {
  const keys = new Map<number, SymmetricKey>();
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const words = line
      .replace(/[#!;%].*$/, "")
      .split(/\s+/)
      .filter(Boolean);
    if (words.length === 0) continue;
    const key = parseKey(words);
    const where = `${name}:${i + 1}`;
    if (typeof key === "string") return fail("invalid", key, { where });
    if (keys.has(key.id)) return fail("invalid", `key ${key.id} stands there twice`, { where });
    keys.set(key.id, key);
  }
  return ok([...keys.values()]);
}

/** The key, or what is wrong with its line. Never the secret itself. */
function parseKey(words: readonly string[]): SymmetricKey | string {
  const [first = "", second = "", third, fourth] = words;
  const id = /^\d{1,10}$/.test(first) ? Number(first) : 0;
  if (id < 1 || id > 0xffffffff) return "a key begins with its number, 1 to 4294967295";
  const type = third === undefined ? "MD5" : keyTypes.find((one) => one === second.toUpperCase());
  if (!type) return `the key's type is one of ${keyTypes.join(", ")}`;
  const secret = secretOf(third ?? second);
  if (!secret || secret.length === 0) return "the key is HEX: and digits, ASCII: and text, or text";
  const wanted = secretBytes[type];
  if (wanted !== undefined && secret.length !== wanted) return `a key of type ${type} has ${wanted} bytes`;
  const from = fourth === undefined ? [] : fourth.split(",").map(parsePrefix);
  if (from.includes(undefined)) return "the networks it may be used from are like 192.0.2.0/24, by commas";
  return { id, type, secret, from: from as Prefix[] };
}

function secretOf(text: string): Uint8Array | undefined {
  if (text.startsWith("HEX:")) return fromHex(text.slice(4));
  return utf8(text.startsWith("ASCII:") ? text.slice(6) : text);
}
