import { empty } from "../../base/bytes.ts";
import { Writer } from "../../wire/writer.ts";
import { writeErrorBody } from "./empty-body.ts";
import { headerFlag, signatureAt, writeHeader } from "./header.ts";
import type { SmbSession } from "./session.ts";
import type { Reply } from "./step.ts";
import { sealMessage } from "./transform.ts";

/** A response that only waits to be put on the wire. */
export interface Built {
  readonly command: number;
  readonly messageId: bigint;
  readonly creditCharge: number;
  /** Besides "response" and "signed": async, related, priority. */
  readonly flags: number;
  readonly asyncId: bigint;
  readonly treeId: number;
  readonly sessionId: bigint;
  readonly reply: Reply;
  /** Whose key signs it; undefined: nobody's. */
  readonly signedBy: SmbSession | undefined;
}

/** An answer that belongs to no session. */
export function builtFor(what: Reply, code: number, messageId: bigint): Built {
  return {
    command: code,
    messageId,
    creditCharge: 1,
    flags: 0,
    asyncId: 0n,
    treeId: 0,
    sessionId: 0n,
    reply: what,
    signedBy: undefined,
  };
}

/** Under whose key a whole message is sealed. */
export interface Sealing {
  readonly session: SmbSession;
  readonly cipher: number;
}

const noSignature = new Uint8Array(16);
const frameBytes = 4;

/** Puts answers into one message, signs each, and seals the whole where `sealing` says so. The chunks to
 *  send, the frame's length first. `credits` go with the last answer. */
export function responseBytes(
  answers: readonly Built[],
  credits: number,
  sealing: Sealing | undefined,
): Uint8Array[] {
  if (answers.length === 1) return responseOf(answers[0]!, credits, sealing);
  const last = answers.length - 1;
  const heads = answers.map((answer, i) => headOf(answer, i === last ? credits : 0, !sealing));
  const sizes = answers.map(({ reply }, i) => padded(heads[i]!.length + tailOf(reply).length));
  const frame = new Uint8Array(frameBytes + sizes.reduce((sum, size) => sum + size, 0));
  let at = frameBytes;
  answers.forEach((answer, i) => {
    const element = frame.subarray(at, at + sizes[i]!);
    at += sizes[i]!;
    element.set(heads[i]!);
    element.set(tailOf(answer.reply), heads[i]!.length);
    if (i !== last) new DataView(element.buffer, element.byteOffset).setUint32(20, sizes[i]!, true);
    const sign = sealing ? undefined : answer.signedBy?.sign;
    if (sign) element.set(sign([element], true), signatureAt);
    answer.reply.after?.(element);
  });
  if (sealing) return sealed(sealing, [frame.subarray(frameBytes)]);
  writeLength(frame, frame.length - frameBytes);
  return [frame];
}

/** The same for one answer alone: its tail, which may be long, is not copied. */
function responseOf(answer: Built, credits: number, sealing: Sealing | undefined): Uint8Array[] {
  const { reply } = answer;
  const head = headOf(answer, credits, !sealing);
  const frame = new Uint8Array(frameBytes + head.length);
  frame.set(head, frameBytes);
  const element = frame.subarray(frameBytes);
  const message = reply.tail ? [element, reply.tail] : [element];
  const sign = sealing ? undefined : answer.signedBy?.sign;
  if (sign) element.set(sign(message, true), signatureAt);
  reply.after?.(element);
  if (sealing) return sealed(sealing, message);
  writeLength(frame, head.length + tailOf(reply).length);
  return reply.tail ? [frame, reply.tail] : [frame];
}

/** What one key seals on its way to the client, framed. */
function sealed({ session, cipher }: Sealing, message: readonly Uint8Array[]): Uint8Array[] {
  const nonce = session.nonces.next(cipher);
  const key = session.keys!.serverToClient;
  const [header, ...parts] = sealMessage(cipher, key, nonce, session.id, message);
  const frame = new Uint8Array(frameBytes + header!.length);
  writeLength(
    frame,
    parts.reduce((sum, part) => sum + part.length, header!.length),
  );
  frame.set(header!, frameBytes);
  return [frame, ...parts];
}

function headOf(built: Built, credits: number, maySign: boolean): Uint8Array {
  const w = new Writer(256);
  const { reply } = built;
  const isSigned = maySign && built.signedBy?.sign !== undefined;
  writeHeader(w, {
    ...built,
    status: reply.status,
    credits,
    flags: (built.flags | headerFlag.response | (isSigned ? headerFlag.signed : 0)) >>> 0,
    next: 0,
    signature: noSignature,
  });
  if (reply.write) reply.write(w);
  else writeErrorBody(w, reply.errorData ?? empty);
  return w.view();
}

const tailOf = (reply: Reply): Uint8Array => reply.tail ?? empty;
/** Of several answers the last is padded too (MS-SMB2 §3.3.4.1.3). */
const padded = (size: number): number => Math.ceil(size / 8) * 8;

function writeLength(frame: Uint8Array, length: number): void {
  frame[1] = length >> 16;
  frame[2] = length >> 8;
  frame[3] = length;
}
