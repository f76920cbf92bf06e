import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import type { Writer } from "../../wire/writer.ts";
import type { AskKind, AskOf, SmbAnswer, SmbAsk, ValueOf, Where } from "./ask.ts";
import { chargeOf } from "./credits.ts";
import { headerFlag, headerSize, isRelatedFile, type FileId, type Header } from "./header.ts";
import { dialect } from "./negotiate.ts";
import type { SmbSession, SmbTree } from "./session.ts";
import { ntStatus } from "./status.ts";

/** One request, with what its header says it belongs to. */
export interface Call {
  readonly header: Header;
  /** Header and body, with the padding that a signature covers. */
  readonly element: Uint8Array;
  readonly session: SmbSession | undefined;
  readonly tree: SmbTree | undefined;
  /** The file that the compound's request before this one was about. */
  readonly lastFile: FileId | undefined;
  /** Aborted by CANCEL, and when the connection ends. */
  readonly signal: AbortSignal;
  /** What was negotiated; undefined before. */
  readonly spoken: Spoken | undefined;
}

/** What both sides agreed on. */
export interface Spoken {
  readonly dialect: number;
  readonly cipher: number;
  readonly signing: number;
  readonly maxTransfer: number;
  readonly clientGuid: Uint8Array;
  readonly clientCapabilities: number;
  readonly clientSecurityMode: number;
  readonly serverCapabilities: number;
  /** Every dialect that the client offered. */
  readonly offered: readonly number[];
}

/** What a request comes to: an answer, or a question to the gate and what follows from its answer. */
export type Step = Reply | Wait | Nothing;

export interface Reply {
  readonly kind: "reply";
  readonly status: number;
  /** The command's response, whatever the status; without it the error body. */
  readonly write?: (w: Writer) => void;
  /** What comes after what `write` made: long data, copied once. */
  readonly tail?: Uint8Array;
  readonly errorData?: Uint8Array;
  /** The file that related requests after this one speak of. */
  readonly file?: FileId | undefined;
  /** Ids that the response's header names in place of the request's. */
  readonly sessionId?: bigint;
  readonly treeId?: number;
  /** Signed with this session's key, whatever the request was. */
  readonly signedBy?: SmbSession;
  /** Given the response's bytes once they are made. */
  readonly after?: (sent: Uint8Array) => void;
}

export interface Wait {
  readonly kind: "wait";
  readonly ask: SmbAsk;
  next(answer: SmbAnswer): Step;
  /** After so many ms the client is told that it takes longer; undefined: never. */
  readonly interimMs: number | undefined;
}

/** No response. `drop`: and the connection ends. */
export interface Nothing {
  readonly kind: "nothing";
  readonly drop: boolean;
}

export const drop: Nothing = { kind: "nothing", drop: true };
export const silence: Nothing = { kind: "nothing", drop: false };
export const refuse = (status: number, errorData?: Uint8Array): Reply =>
  errorData ? { kind: "reply", status, errorData } : { kind: "reply", status };
export const reply = (write: (w: Writer) => void, more: Partial<Reply> = {}): Reply => ({
  kind: "reply",
  status: ntStatus.success,
  write,
  ...more,
});

/** Asks the gate; a refusal becomes the error response by itself. */
export function ask<K extends AskKind>(
  what: AskOf<K>,
  then: (value: ValueOf<K>, status: number) => Step,
  interimMs?: number,
): Wait {
  return {
    kind: "wait",
    ask: what as SmbAsk,
    interimMs,
    next: (answer) =>
      answer.ok ? then(answer.value as ValueOf<K>, answer.status) : refuse(answer.status, answer.data),
  };
}

/** How one command is served: its request read, then run. A malformed one is INVALID_PARAMETER. */
export type Handler = (call: Call) => Step;
export function serving<T>(read: (r: Reader) => T, run: (call: Call, request: T) => Step): Handler {
  return (call) => {
    const request = decode((r) => {
      r.seek(headerSize);
      return read(r);
    }, call.element);
    return request.ok ? run(call, request.value) : refuse(ntStatus.invalidParameter);
  };
}

/** The session and tree of a request that the table says needs both. */
export function whereOf(call: Call): Where {
  const { header, spoken } = call;
  const knowsChannels = (spoken?.dialect ?? 0) >= dialect.smb300;
  return {
    session: call.session!.id,
    tree: call.tree!.id,
    sequence: knowsChannels ? header.status & 0xffff : 0,
    replay: knowsChannels && (header.flags & headerFlag.replay) !== 0,
  };
}

/** The file a request speaks of: in a compound all ones is the one before. */
export const fileOf = (call: Call, named: FileId): FileId =>
  isRelatedFile(named) && call.lastFile ? call.lastFile : named;

/** MS-SMB2 §3.3.5.2.5: whether the request paid for `bytes`, and they are no more than was negotiated. */
export function paysFor(call: Call, bytes: number): boolean {
  const { spoken, header } = call;
  if (!spoken || bytes > spoken.maxTransfer) return false;
  return spoken.dialect === dialect.smb202 || chargeOf(bytes) <= Math.max(1, header.creditCharge);
}
