import type { NtlmProof } from "../spnego/ntlm-proof.ts";
import type { LeaseBreak, LeaseBreakAck, OplockBreak } from "./break.ts";
import type { CreateContext } from "./create-context.ts";
import type { CreateRequest, FileBasics } from "./create.ts";
import type { FileFacts, StreamFacts } from "./file-info.ts";
import type { FileId } from "./header.ts";
import type { LockElement } from "./lock.ts";
import type { NotifyEvent } from "./notify.ts";
import type { SetFile } from "./set-file.ts";
import type { VolumeFacts } from "./volume-info.ts";

/** Who is asking, by what: every ask about a file carries it. */
export interface Where {
  readonly session: bigint;
  readonly tree: number;
  /** Counts the client's connections that failed (MS-SMB2 §2.2.1.2, ChannelSequence); 0 before 3.0. */
  readonly sequence: number;
  /** The client has asked the same before and does not know what came of it. */
  readonly replay: boolean;
}
interface OfFile extends Where {
  readonly file: FileId;
}

/** What an engine asks its gate, and what the answer holds where it is a success. */
export interface SmbAsks {
  /** Who proves to be whom; a session of this id begins if the answer is a success. */
  "sign-in": [
    {
      readonly session: bigint;
      readonly proof: NtlmProof;
      /** A session of the same user that this one takes the place of; 0 for none. */
      readonly previous: bigint;
      /** Signs in anew within a session that is there. */
      readonly again: boolean;
    },
    { readonly key: Uint8Array },
  ];
  /** The session is over; its trees and open files with it. */
  "sign-out": [{ readonly session: bigint }, undefined];
  "tree-connect": [{ readonly session: bigint; readonly path: string }, TreeFacts];
  "tree-disconnect": [Where, undefined];
  create: [
    Where & {
      readonly request: CreateRequest;
      readonly clientGuid: Uint8Array;
      readonly dialect: number;
      readonly signal: AbortSignal;
    },
    CreateFacts,
  ];
  close: [OfFile & { readonly wantsBasics: boolean }, FileBasics | undefined];
  flush: [OfFile, undefined];
  read: [OfFile & { readonly offset: bigint; readonly length: number; readonly minimum: number }, Uint8Array];
  write: [
    OfFile & { readonly offset: bigint; readonly data: Uint8Array; readonly through: boolean },
    { readonly count: number },
  ];
  lock: [
    OfFile & {
      readonly elements: readonly LockElement[];
      /** Low 4 bits the number, the others the slot, 0 for none (MS-SMB2 §2.2.26). */
      readonly lockSequence: number;
      readonly signal: AbortSignal;
    },
    undefined,
  ];
  control: [
    Where & {
      readonly file: FileId;
      readonly code: number;
      readonly input: Uint8Array;
      readonly maxOutput: number;
      readonly signal: AbortSignal;
    },
    Uint8Array,
  ];
  /** The bytes are a finished directory buffer. */
  list: [
    OfFile & {
      readonly infoClass: number;
      readonly pattern: string;
      readonly restart: boolean;
      readonly reopen: boolean;
      readonly single: boolean;
      readonly limit: number;
    },
    Uint8Array,
  ];
  notify: [
    OfFile & {
      /** Everything beneath, not the folder alone. */
      readonly whole: boolean;
      readonly filter: number;
      readonly limit: number;
      readonly signal: AbortSignal;
    },
    readonly NotifyEvent[],
  ];
  "query-file": [OfFile & { readonly infoClass: number }, FileFacts];
  /** The list as it is sent; `names`: which, as the client sent them, empty for all. */
  "query-ea": [OfFile & { readonly names: Uint8Array }, Uint8Array];
  "query-streams": [OfFile, readonly StreamFacts[]];
  "query-volume": [OfFile, VolumeFacts];
  /** A self-relative security descriptor. */
  "query-security": [OfFile & { readonly parts: number }, Uint8Array];
  "set-file": [OfFile & { readonly change: SetFile }, undefined];
  "set-security": [OfFile & { readonly parts: number; readonly descriptor: Uint8Array }, undefined];
  "break-ack": [
    Where & { readonly ack: OplockBreak | LeaseBreakAck; readonly clientGuid: Uint8Array },
    undefined,
  ];
  /** Stays open until the gate has something to tell the client of its own accord, then is asked again. */
  event: [object, GateEvent];
}

export type AskKind = keyof SmbAsks;
export type AskOf<K extends AskKind> = { readonly kind: K } & SmbAsks[K][0];
export type ValueOf<K extends AskKind> = SmbAsks[K][1];
export type SmbAsk = { [K in AskKind]: AskOf<K> }[AskKind];

/** An NTSTATUS, and what the ask was about where it is a success or a warning that has a value. */
export type Outcome<T> =
  | { readonly ok: true; readonly status: number; readonly value: T }
  | { readonly ok: false; readonly status: number; readonly data?: Uint8Array };
export type SmbAnswer = Outcome<unknown>;

export interface TreeFacts {
  /** Names the tree from now on; unique among this connection's. */
  readonly tree: number;
  readonly type: number;
  readonly flags: number;
  readonly capabilities: number;
  readonly maximalAccess: number;
  /** Only encrypted requests are answered. */
  readonly encrypt: boolean;
}

export interface CreateFacts {
  readonly file: FileId;
  readonly oplock: number;
  readonly action: number;
  readonly basics: FileBasics;
  readonly contexts: readonly CreateContext[];
}

export type GateEvent =
  | { readonly event: "oplock-break"; readonly session: bigint; readonly notice: OplockBreak }
  | { readonly event: "lease-break"; readonly session: bigint; readonly notice: LeaseBreak }
  /** Another connection has taken the session's place, or the operator has ended it. */
  | { readonly event: "session-gone"; readonly session: bigint };

export const done = <T>(value: T, status = 0): Outcome<T> => ({ ok: true, status, value });
export const refused = (status: number): Outcome<never> => ({ ok: false, status });
