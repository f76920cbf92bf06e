import { leaseState } from "../../proto/smb/create-context.ts";
import type { GateEvent } from "../../proto/smb/ask.ts";
import { oplock } from "../../proto/smb/create.ts";
import type { FileId } from "../../proto/smb/header.ts";

/** The client of a durable handle is not connected. */
export interface Away {
  /** Closes the handle: its client comes too late. */
  leave(): Promise<void>;
  /** Ends the waiting. */
  stop(): void;
}

/** What a hold knows of each handle that shares it. */
export interface HoldingOpen {
  readonly id: FileId;
  readonly session: bigint;
  readonly away: Away | undefined;
  /** Tells the handle's client something unasked. */
  tell(event: GateEvent): void;
}

/** A break that the client has not answered yet. */
interface Breaking {
  readonly to: number;
  /** What it must come to in the end: further breaks follow the answer to this one. */
  required: number;
  readonly ended: Promise<void>;
  readonly end: () => void;
}

/** What one client may keep to itself of a file until it is told otherwise: an oplock of one handle, or a
 *  lease that all handles of one key share (MS-SMB2 §3.3.1.4). Its state is lease bits for both. */
export class Hold {
  /** Client and key of a lease; undefined for an oplock. */
  readonly leaseKey: Uint8Array | undefined;
  readonly leaseName: string;
  readonly version: 1 | 2;
  readonly opens = new Set<HoldingOpen>();
  state: number;
  epoch: number;
  breaking: Breaking | undefined;

  constructor(state: number, lease?: { key: Uint8Array; name: string; version: 1 | 2; epoch: number }) {
    this.state = state;
    this.leaseKey = lease?.key;
    this.leaseName = lease?.name ?? "";
    this.version = lease?.version ?? 1;
    this.epoch = lease?.epoch ?? 0;
  }

  has(bit: number): boolean {
    return (this.state & bit) !== 0;
  }

  /** What is left where only `to` may be: of an oplock reading at most. */
  reduced(to: number): number {
    const left = this.state & to;
    if (this.leaseKey || left === this.state) return left;
    return left & leaseState.read;
  }
}

const all = leaseState.read | leaseState.handle | leaseState.write;

export function bitsOfOplock(level: number): number {
  if (level === oplock.batch) return all;
  if (level === oplock.exclusive) return leaseState.read | leaseState.write;
  return level === oplock.levelTwo ? leaseState.read : 0;
}

export function oplockOfBits(bits: number): number {
  if (bits === all) return oplock.batch;
  if (bits === (leaseState.read | leaseState.write)) return oplock.exclusive;
  return (bits & leaseState.read) !== 0 ? oplock.levelTwo : oplock.none;
}

/** R, RH, RW and RHW are leases; what lacks R is none. */
export const asLease = (bits: number): number => ((bits & leaseState.read) !== 0 ? bits & all : 0);
