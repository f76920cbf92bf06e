import { decode } from "../../wire/decode.ts";
import { headerSize, readHeader, type FileId, type Header } from "./header.ts";
import type { Built } from "./response.ts";
import type { SmbSession } from "./session.ts";
import { ntStatus } from "./status.ts";

/** One request of a message. */
export interface Element {
  readonly header: Header;
  readonly bytes: Uint8Array;
}

const maxElements = 64;

/** The requests of one message (MS-SMB2 §3.3.5.2.7), or undefined where it is not one. */
export function splitMessage(message: Uint8Array): Element[] | undefined {
  const elements: Element[] = [];
  for (let rest = message; ;) {
    const header = decode(readHeader, rest);
    if (!header.ok || elements.length >= maxElements) return undefined;
    const { next } = header.value;
    if (next === 0) return [...elements, { header: header.value, bytes: rest }];
    if (next % 8 !== 0 || next < headerSize || next > rest.length - headerSize) return undefined;
    elements.push({ header: header.value, bytes: rest.subarray(0, next) });
    rest = rest.subarray(next);
  }
}

/** A message under way: its requests one after another, and the answers made so far. */
export class Chain {
  readonly elements: readonly Element[];
  /** The session that the message was encrypted for. */
  readonly sealedBy: SmbSession | undefined;
  at = 0;
  answers: Built[] = [];
  /** Credits for answers not yet sent: the last one carries them. */
  credits = 0;
  sessionId = 0n;
  treeId = 0;
  lastFile: FileId | undefined;
  /** The refusal that a related request without a file of its own gets as well. */
  lastRefusal: number = ntStatus.success;

  constructor(elements: readonly Element[], sealedBy: SmbSession | undefined) {
    this.elements = elements;
    this.sealedBy = sealedBy;
  }

  /** An unrelated request begins with what its own header names. */
  turnTo(header: Header): void {
    this.sessionId = header.sessionId;
    this.treeId = header.treeId;
    this.lastFile = undefined;
    this.lastRefusal = ntStatus.success;
  }

  get current(): Element {
    return this.elements[this.at]!;
  }
  get isOver(): boolean {
    return this.at >= this.elements.length;
  }
  get isLast(): boolean {
    return this.at === this.elements.length - 1;
  }
}
