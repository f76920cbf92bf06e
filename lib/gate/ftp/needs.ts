import type { Entropy } from "../../base/entropy.ts";
import type { Result } from "../../base/result.ts";
import type { DataAddress, DigestKind } from "../../proto/ftp/asks.ts";
import type { Site } from "../../rules/sites.ts";
import type { User } from "../../rules/identity.ts";
import type { FileDoorNeeds } from "../file-door.ts";

/** What the FTP gate needs of the house. */
export interface FtpNeeds extends FileDoorNeeds {
  /** Faults: unauthenticated, for every reason alike; too-many. */
  checkPassword(user: string, password: string, address: string): Promise<Result<User>>;
  /** The user of a name that is proved already. Faults: unauthenticated. */
  userNamed(user: string): Promise<Result<User>>;
  /** Every session of this daemon now. */
  everybody(): readonly SessionLine[];
  readonly sites: {
    /** A virtual host. Faults: bad-name, not-found. */
    named(host: string): Result<Site>;
    /** One more session there; gives what ends it. Faults: too-many. */
    enter(site: Site): Result<() => void>;
  };
  /** The same link with a zlib stream on the wire. */
  deflated(link: DataLink, level: number): DataLink;
  digester(kind: DigestKind): Digester;
  readonly entropy: Entropy;
}

/** What is told of a session to people. */
export interface SessionLine {
  readonly door: string;
  readonly user: string;
  readonly address: string;
  readonly doing: string;
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
