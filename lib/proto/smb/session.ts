import type { Acceptor } from "../spnego/acceptor.ts";
import { sha512 } from "../../crypto/hash.ts";
import { sessionKeys, type SessionKeys } from "./keys.ts";
import { signerOf, type Signer } from "./signing.ts";
import { NonceMaker } from "./transform.ts";

export interface SmbTree {
  readonly id: number;
  readonly encrypt: boolean;
  /** Named pipes, not files. */
  readonly isPipes: boolean;
}

/** One user's session on one connection: its keys and its trees. */
export class SmbSession {
  readonly id: bigint;
  readonly trees = new Map<number, SmbTree>();
  readonly nonces: NonceMaker;
  /** Only signed requests are answered, or encrypted ones. */
  mustSign = true;
  /** Only encrypted requests are answered. */
  encrypt = false;
  /** Of a sign-in under way; undefined between. */
  acceptor: Acceptor | undefined;
  #preauth: Uint8Array;
  #keys: SessionKeys | undefined;
  #sign: Signer | undefined;

  constructor(id: bigint, preauth: Uint8Array, nonceTail: Uint8Array) {
    this.id = id;
    this.#preauth = preauth;
    this.nonces = new NonceMaker(nonceTail);
  }

  /** Whether a user has signed in. */
  get isValid(): boolean {
    return this.#keys !== undefined;
  }
  get keys(): SessionKeys | undefined {
    return this.#keys;
  }
  get sign(): Signer | undefined {
    return this.#sign;
  }

  /** MS-SMB2 §3.3.5.5: every message of the sign-in but its last goes into the hash. */
  hash(message: Uint8Array): void {
    if (!this.isValid) this.#preauth = sha512(this.#preauth, message);
  }

  begin(spoken: { dialect: number; cipher: number; signing: number }, key: Uint8Array): void {
    this.#keys = sessionKeys(spoken.dialect, spoken.cipher, key, this.#preauth);
    this.#sign = signerOf(spoken.signing, this.#keys.signing);
  }
}
