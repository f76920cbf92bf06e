import type { Clock, UnixMs } from "../../base/time.ts";
import type { Entropy } from "../../base/entropy.ts";
import type { Path } from "../../base/path.ts";
import type { Result } from "../../base/result.ts";
import type { User } from "../../rules/identity.ts";
import type { Files } from "../../store/files.ts";
import type { Log } from "../../watch/log.ts";

/** What SMB's gate needs of the house. */
export interface SmbNeeds {
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  /** Starts `run` after `ms`; what is given back stops that. */
  later(ms: number, run: () => void): () => void;
  /** The user of that name with their NT hash. Faults: not-found. */
  ntHash(name: string): Promise<Result<{ user: User; hash: Uint8Array }>>;
  /** The shares that this user may see. */
  shares(user: User): Promise<readonly Share[]>;
  /** A share's files, guarded for this user. Faults: not-found, denied. */
  files(user: User, share: Share, address: string): Promise<Result<ShareFiles>>;
  /** Whose names this user may look up: those of the same tenant. */
  people(user: User): Promise<People>;
  /** Tells the audit trail of a sign-in, refused or not. */
  told(signIn: { user: string; address: string; outcome: string }): void;
}

export interface People {
  readonly users: readonly Pick<User, "id" | "name">[];
  readonly groups: readonly string[];
}

export interface Share {
  /** As clients name it; case does not count. */
  readonly name: string;
  readonly comment: string;
  readonly readOnly: boolean;
  /** Left out of listings. */
  readonly hidden: boolean;
  /** Only encrypted connections may use it. */
  readonly encrypt: boolean;
}

export interface ShareFiles {
  readonly files: Files;
  /** What tells the tree's root from every other, whoever looks at it: "bucket/prefix". Two views of one
   *  place see the same open files and locks. */
  readonly place: string;
  readonly shelf: Shelf;
  /** Absent where nothing is kept of what was. */
  readonly past?: Past;
}

/** The share as it was: what Windows shows as previous versions. */
export interface Past {
  /** Moments in whole seconds at which the file, or what is in the folder, was not what it is now; the oldest
   *  first, the newest few hundred of them. */
  moments(path: Path, isFolder: boolean): Promise<Result<readonly UnixMs[]>>;
  /** The trees at that moment, read-only. Faults: not-found. */
  at(moment: UnixMs): Promise<Result<{ files: Files; shelf: Files }>>;
}

/** Where streams, descriptors and extended attributes are kept: a tree that the user cannot reach by itself,
 *  for who may do what with an attachment is decided by its file. */
export interface Shelf {
  readonly files: Files;
  readonly place: string;
  /** Where the share's tree begins in it. */
  readonly root: Path;
}
