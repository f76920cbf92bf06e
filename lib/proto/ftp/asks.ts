import type { Path } from "../../base/path.ts";
import type { Result } from "../../base/result.ts";
import type { UnixMs } from "../../base/time.ts";
import type { Entry } from "./entry.ts";
import type { FactName } from "./facts.ts";

/** Who has signed in. */
export interface Account {
  readonly user: string;
  /** What is said to them instead of "Welcome". */
  readonly welcome?: string | undefined;
}

/** Where data connections meet. */
export interface DataAddress {
  readonly host: string;
  readonly port: number;
}

/** What a transfer moves. One transfer is open at a time. */
export type Opening =
  | {
      readonly to: "retrieve";
      readonly path: Path;
      readonly from: number;
      readonly until?: number | undefined;
    }
  | { readonly to: "store"; readonly path: Path; readonly from: number; readonly how: StoreHow }
  | { readonly to: "list"; readonly path: Path; readonly form: ListForm };

/** "at": keep what is before `from`; "append": at the end; "unique": under a name of the server's choice. */
export type StoreHow = "at" | "append" | "unique";

/** `glob` picks names of the folder; undefined: all of them, or the file itself. */
export type ListForm =
  | { readonly as: "long"; readonly glob: string | undefined }
  | { readonly as: "names"; readonly glob: string | undefined; readonly prefix: string }
  | { readonly as: "facts"; readonly facts: readonly FactName[] };

export interface Opened {
  /** Bytes that will come, where known. */
  readonly size: number | undefined;
  /** The name "unique" chose. */
  readonly name: string | undefined;
}

export type DigestKind = "md5" | "sha1" | "sha256" | "sha512" | "crc32";

/** Every question the engine asks, and what a good answer holds. */
export interface Questions {
  /** Which of the server's hosts is meant. Faults: bad-name, not-found, conflict (TLS named another). */
  host: [{ readonly name: string }, { readonly greeting: string | undefined }];
  login: [{ readonly user: string; readonly password: string; readonly secured: boolean }, Account];
  /** Signs in whom the TLS certificate names; undefined: it names somebody else, or nobody. */
  vouch: [{ readonly user: string }, Account | undefined];
  /** Who is here: everybody for administrators, oneself for others. */
  who: [Nothing, readonly string[]];
  /** Opens a port for one data connection; a former one closes. */
  passive: [{ readonly family: 4 | 6 | "same" }, DataAddress];
  /** Where the next data connection goes to; already found safe by the engine. */
  active: [DataAddress, void];
  /** Opens what a transfer moves, and nothing else. */
  open: [Opening, Opened];
  /** Meets the peer. Where that fails, what was opened is closed. Faults: unavailable, denied (its TLS). */
  meet: [{ readonly secure: boolean }, void];
  /** Moves everything and closes what was opened; `bytes` counts those on the wire. */
  run: [RunHow, { readonly bytes: number }];
  /** Ends the transfer; answered at once, while `meet` or `run` is answered with "cancelled". */
  abort: [Nothing, void];
  progress: [Nothing, { readonly bytes: number }];
  stat: [{ readonly path: Path }, Entry];
  /** The lines of a folder, for the control connection: at most `limit`. */
  lines: [{ readonly path: Path; readonly limit: number }, readonly string[]];
  makeFolder: [{ readonly path: Path }, void];
  removeFile: [{ readonly path: Path }, void];
  removeFolder: [{ readonly path: Path }, void];
  rename: [{ readonly from: Path; readonly to: Path }, void];
  change: [{ readonly path: Path; readonly modifiedAt?: UnixMs; readonly mode?: number }, void];
  space: [{ readonly path: Path }, { readonly total: number; readonly free: number }];
  copy: [{ readonly from: Path; readonly to: Path }, void];
  /** Parts go to the end of the whole, which is made where absent, and are removed. */
  combine: [{ readonly whole: Path; readonly parts: readonly Path[] }, void];
  digest: [DigestAsk, { readonly hex: string; readonly end: number }];
}

export interface RunHow {
  readonly ascii: boolean;
  /** zlib's level where the wire carries a zlib stream. */
  readonly deflate?: number | undefined;
}

/** Nothing more needs to be said. */
export type Nothing = object;

export interface DigestAsk {
  readonly path: Path;
  readonly by: DigestKind;
  readonly start: number;
  /** Not including; undefined: to the end. */
  readonly end: number | undefined;
}

export type FtpAsk = { [K in keyof Questions]: { readonly kind: K } & Questions[K][0] }[keyof Questions];

/** The good answer's shape follows the question: `ask` below keeps the two together. */
export type FtpAnswer = Result<unknown>;

/** A command under way: it yields what it asks and is resumed with the answer. */
export type Flow = Generator<FtpAsk, void, FtpAnswer>;

/** Asks, and gives the answer in its own type. */
export function* ask<K extends keyof Questions>(
  kind: K,
  what: Questions[K][0],
): Generator<FtpAsk, Result<Questions[K][1]>, FtpAnswer> {
  return (yield { kind, ...what } as FtpAsk) as Result<Questions[K][1]>;
}
