import type { Reader } from "../../wire/reader.ts";
import { NdrWriter } from "./ndr.ts";
import type { Syntax } from "./pdu.ts";

/** What the services tell of the house and of who asks. */
export interface RpcHost {
  readonly netbios: string;
  readonly comment: string;
  readonly user: string;
  readonly shares: readonly RpcShare[];
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
