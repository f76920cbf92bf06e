import type { Result } from "../base/result.ts";
import type { UnixMs } from "../base/time.ts";

/** Another S3 server, as this house knows it. */
export interface Remote {
  /** 1–64 small letters, digits and dashes: what buckets name it by. */
  readonly name: string;
  /** "https://s3.example.org:9000", without a path. */
  readonly endpoint: string;
  readonly region: string;
  readonly keyId: string;
  /** PEM text of the authority that its certificate is of; "": one that the system knows. */
  readonly ca: string;
  readonly createdAt: UnixMs;
}

export type NewRemote = Omit<Remote, "createdAt"> & { readonly secret: string };

/** Other S3 servers with the credentials we have there; secrets are kept sealed. */
export interface Remotes {
  /** In order of their names. */
  all(): Promise<readonly Remote[]>;
  /** With its secret. Faults: not-found, damaged (the seal does not open). */
  open(name: string): Promise<Result<Remote & { readonly secret: string }>>;
  /** Adds it, or changes the one of that name. Faults: bad-name, invalid. */
  put(remote: NewRemote): Promise<Result<Remote>>;
  /** Faults: not-found. */
  remove(name: string): Promise<Result<void>>;
}
