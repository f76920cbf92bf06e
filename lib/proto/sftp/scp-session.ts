import { concat, empty, lossyText, utf8 } from "../../base/bytes.ts";
import type { Result } from "../../base/result.ts";
import type { Effect, Session } from "../../base/session.ts";
import type { Instant } from "../../base/time.ts";
import type { Questions, SftpAnswer, SftpAsk } from "./asks.ts";

/** What a run of scp waits for. */
type Want =
  | { readonly for: "line" }
  | { readonly for: "bytes"; readonly most: number }
  | { readonly ask: SftpAsk };

/** A run of scp: yields what it waits for, is resumed with it, and gives the exit status. */
export type ScpRun = Generator<Want, number, unknown>;

/** Says bytes. */
export type Say = (text: string | Uint8Array) => void;

const lineBytes = 4096;

/** The peer speaks no scp: it is told so and left. */
export class ScpBroken extends Error {
  override readonly name = "ScpBroken";
}

/** The next line without its ending; "" where the peer has no more. */
export function* line(): Generator<Want, string, unknown> {
  return (yield { for: "line" }) as string;
}

/** What has come, at least one byte and at most so many. */
export function* bytes(most: number): Generator<Want, Uint8Array, unknown> {
  return (yield { for: "bytes", most }) as Uint8Array;
}

export function* asking<K extends keyof Questions>(
  kind: K,
  what: Questions[K][0],
): Generator<Want, Result<Questions[K][1]>, unknown> {
  return (yield { ask: { kind, ...what } as SftpAsk }) as Result<Questions[K][1]>;
}

/** One run of the old scp protocol over a channel, on the same asks as SFTP. */
export class ScpSession implements Session<SftpAsk, SftpAnswer> {
  readonly #run: ScpRun;
  readonly #out: Effect<SftpAsk>[] = [];
  #held: Uint8Array = empty;
  #want: Want | undefined;
  #askId = 0;
  #closed = false;
  /** 0 as long as nothing went wrong: a client that has sent everything just ends. */
  exitStatus = 0;
  readonly wakeAt: Instant | undefined = undefined;

  constructor(run: (say: Say) => ScpRun) {
    this.#run = run((said) =>
      this.#out.push({ do: "send", bytes: typeof said === "string" ? utf8(said) : said }),
    );
    this.#resume(undefined);
  }

  get full(): boolean {
    return this.#want !== undefined && "ask" in this.#want;
  }

  receive(input: Uint8Array): void {
    this.#held = this.#held.length === 0 ? input : concat([this.#held, input]);
    this.#feed();
  }

  answer(id: number, answer: SftpAnswer): void {
    if (id !== this.#askId || this.#closed) return;
    this.#resume(answer);
    this.#feed();
  }

  expire(): void {}

  leave(): void {
    this.#close();
  }

  poll(): Effect<SftpAsk> | undefined {
    return this.#out.shift();
  }

  #feed(): void {
    while (!this.#closed && this.#held.length > 0 && this.#want && "for" in this.#want) {
      const taken = this.#want.for === "line" ? this.#takeLine() : this.#takeBytes(this.#want.most);
      if (taken === undefined) return;
      this.#resume(taken);
    }
  }

  #takeLine(): string | undefined {
    const end = this.#held.indexOf(0x0a);
    if (end < 0 && this.#held.length <= lineBytes) return undefined;
    if (end < 0 || end > lineBytes) {
      this.#close();
      return undefined;
    }
    const text = lossyText(this.#held.subarray(0, end));
    this.#held = this.#held.subarray(end + 1);
    return text;
  }

  #takeBytes(most: number): Uint8Array {
    const taken = this.#held.subarray(0, most);
    this.#held = this.#held.subarray(taken.length);
    return taken;
  }

  #resume(value: unknown): void {
    try {
      const step = this.#run.next(value);
      if (!step.done) this.#wait(step.value);
      else {
        this.exitStatus = step.value;
        this.#close();
      }
    } catch (error) {
      if (!(error instanceof ScpBroken)) throw error;
      this.exitStatus = 1;
      this.#out.push({ do: "send", bytes: utf8(`\x02scp: ${error.message}\n`) });
      this.#close();
    }
  }

  #wait(want: Want): void {
    this.#want = want;
    if ("ask" in want) this.#out.push({ do: "ask", id: ++this.#askId, ask: want.ask });
  }

  #close(): void {
    this.#closed = true;
    this.#out.push({ do: "close" });
  }
}
