import type { Reader } from "../../wire/reader.ts";
import { NdrWriter } from "./ndr.ts";
import type { Syntax } from "./pdu.ts";

/** What the services tell of the house and of who asks. */
export interface RpcHost {
  readonly netbios: string;
  readonly comment: string;
  readonly user: string;
  readonly shares: readonly RpcShare[];
  /** Users, groups and Windows's own names, by the hexadecimal digits of their SIDs. */
  readonly accounts: ReadonlyMap<string, RpcAccount>;
  readonly domain: RpcDomain;
}

/** What the names of accounts are told within. */
export interface RpcDomain {
  readonly name: string;
  /** Hexadecimal. */
  readonly sid: string;
}

export interface RpcAccount {
  readonly name: string;
  readonly domain: RpcDomain;
  /** Hexadecimal. */
  readonly sid: string;
  /** Its last part. */
  readonly rid: number;
  /** MS-LSAT §2.2.13: 1 a user, 2 a group, 4 an alias, 5 well known. */
  readonly type: number;
}

export interface RpcShare {
  readonly name: string;
  readonly comment: string;
  readonly type: number;
}

/** One operation: its arguments read, its results written. */
export type Operation = (r: Reader, out: NdrWriter, host: RpcHost) => void;

/** An interface behind a named pipe. */
export interface Service {
  readonly pipe: string;
  readonly interface: Syntax;
  readonly operations: ReadonlyMap<number, Operation>;
}

/** What Windows says it is, for clients that go by it. */
export const version = { platform: 500, major: 10, minor: 0 } as const;

export const werror = { ok: 0, invalidLevel: 124, noSuchShare: 2310 } as const;
