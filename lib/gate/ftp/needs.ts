import type { Entropy } from "../../base/entropy.ts";
import type { Result } from "../../base/result.ts";
import type { Clock } from "../../base/time.ts";
import type { DataAddress, DigestKind } from "../../proto/ftp/asks.ts";
import type { Actor, User } from "../../rules/identity.ts";
import type { Files } from "../../store/files.ts";
import type { AuditTrail } from "../../watch/audit.ts";
import type { Log } from "../../watch/log.ts";
import type { Direction, Tally } from "./tally.ts";

/** What the FTP gate needs of the house. */
export interface FtpNeeds {
  /** Faults: unauthenticated, for every reason alike; too-many. */
  checkPassword(user: string, password: string, address: string): Promise<Result<User>>;
  /** One more session of the user; gives what ends it. Faults: too-many. */
  admit(user: User): Result<() => void>;
  /** Undefined where nothing holds the user back. */
  pacer(user: User, direction: Direction): Pacer | undefined;
  /** The user's own view. Faults: denied (no home), unavailable. */
  filesOf(actor: Actor, user: User): Promise<Result<Files>>;
  digester(kind: DigestKind): Digester;
  readonly audit: AuditTrail;
  readonly tally: Tally;
  readonly log: Log;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

/** How fast one connection may move bytes one way. */
export interface Pacer {
  /** What to move at once so that it goes smoothly. */
  readonly slice: number;
  /** Resolves when so many bytes may move. */
  pass(bytes: number): Promise<void>;
}

export interface Digester {
  update(bytes: Uint8Array): void;
  hex(): string;
}

/** The data connections of one control connection: what host's DataDoor is. */
export interface DataConnections {
  passive(family: 4 | 6 | "same"): Promise<Result<DataAddress>>;
  active(to: DataAddress): void;
  /** Faults: unavailable, timeout, denied (TLS), cancelled. */
  meet(secure: boolean): Promise<Result<DataLink>>;
  close(): void;
}

/** One data connection. Faults: cancelled, truncated, timeout. */
export interface DataLink {
  /** At least `least` bytes, fewer only at the end, none after it. */
  read(least: number): Promise<Result<Uint8Array>>;
  /** Resolves once there is room for more. */
  write(bytes: Uint8Array): Promise<Result<void>>;
  /** Says that nothing more comes; resolves once all is with the system. */
  end(): Promise<Result<void>>;
  cut(): void;
}
