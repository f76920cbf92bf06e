import { argon2, timingSafeEqual } from "node:crypto";

/** Argon2id as OWASP's password storage advice has it: 19 MiB, 2 passes, 1 lane; about 20 ms. */
const cost = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 } as const;

/** At most so many at once: each takes 19 MiB and a thread. */
const atOnce = 4;
const queueLimit = 256;

/** Hashes and checks passwords off the event loop, a few at a time (RFC 9106). */
export class Passwords {
  #running = 0;
  readonly #waiting: (() => void)[] = [];

  /** Whether one more may wait. */
  get crowded(): boolean {
    return this.#waiting.length >= queueLimit;
  }

  /** The PHC text `$argon2id$v=19$m=…,t=…,p=…$salt$hash`. `salt`: 16 random bytes. */
  async hash(password: string, salt: Uint8Array): Promise<string> {
    const tag = await this.#derive(password, salt, cost);
    const how = `m=${cost.memory},t=${cost.passes},p=${cost.parallelism}`;
    return `$argon2id$v=19$${how}$${plain(salt)}$${plain(tag)}`;
  }

  /** Whether `password` made `kept`. Costs the same for a `kept` that is undefined: there was no user. */
  async matches(password: string, kept: string | undefined): Promise<boolean> {
    const read = readPhc(kept ?? decoy);
    if (!read) return false;
    const tag = await this.#derive(password, read.salt, { ...read, tagLength: read.tag.length });
    return timingSafeEqual(tag, read.tag) && kept !== undefined;
  }

  async #derive(password: string, salt: Uint8Array, how: Cost): Promise<Uint8Array> {
    await this.#turn();
    try {
      return await derive(password, salt, how);
    } finally {
      this.#running--;
      this.#waiting.shift()?.();
    }
  }

  async #turn(): Promise<void> {
    while (this.#running >= atOnce) await new Promise<void>((go) => this.#waiting.push(go));
    this.#running++;
  }
}

interface Cost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
  readonly tagLength: number;
}

function derive(password: string, salt: Uint8Array, how: Cost): Promise<Uint8Array> {
  const { memory, passes, parallelism, tagLength } = how;
  return new Promise((done, failed) => {
    argon2(
      "argon2id",
      { message: password.normalize("NFC"), nonce: salt, memory, passes, parallelism, tagLength },
      (error, tag) => (error ? failed(error) : done(tag)),
    );
  });
}

const decoy = `$argon2id$v=19$m=${cost.memory},t=${cost.passes},p=1$${"A".repeat(22)}$${"A".repeat(43)}`;

const phc = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

function readPhc(text: string): (Cost & { salt: Uint8Array; tag: Uint8Array }) | undefined {
  const found = phc.exec(text);
  if (!found) return undefined;
  const [, memory, passes, parallelism, salt, tag] = found;
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    tagLength: cost.tagLength,
    salt: Uint8Array.fromBase64(salt!),
    tag: Uint8Array.fromBase64(tag!),
  };
}

const plain = (bytes: Uint8Array): string => bytes.toBase64({ omitPadding: true });
