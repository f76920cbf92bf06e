import type { Clock } from "../../base/time.ts";
import type { HttpAnswer, HttpRequest } from "../../base/http.ts";
import type { Actor, User } from "../../rules/identity.ts";
import type { Identities } from "../../store/identities.ts";
import type { Objects } from "../../store/objects.ts";
import type { Role } from "../../store/roles.ts";
import type { Log } from "../../watch/log.ts";
import type { SessionClaims, SessionTokens } from "./sessions.ts";

/** What the S3 gate asks of the house. */
export interface S3Needs {
  /** Unguarded: the gate itself asks `rules` for every operation: S3's permissions are finer. */
  readonly objects: Objects;
  readonly identities: Pick<Identities, "keyOwner" | "grants" | "user">;
  readonly sessions: SessionDesk;
  readonly clock: Clock;
  readonly events: EventDesk;
  /** 16 characters, never the same twice. */
  readonly requestId: () => string;
  readonly log: Log;
  /** Told of every answer: for metrics. */
  readonly observe: (what: Observation) => void;
}

/** Who hands out temporary credentials, and knows them again. */
export interface SessionDesk extends Pick<SessionTokens, "issue" | "open"> {
  role(tenant: string, name: string): Promise<Role | undefined>;
  /** Told of every session that was handed out. */
  issued(user: User, claims: SessionClaims): void;
}

/** Where bucket configurations meet those who act on them. */
export interface EventDesk {
  /** Whether the daemon has a notification target of this name. */
  knows(target: string): boolean;
  /** The bucket has a configuration that its changes are to be looked at for. */
  configured(bucket: string): void;
  /** Why another server cannot be replicated to, or undefined where it can. */
  refusesDestination(to: { readonly remote: string; readonly bucket: string }): Promise<string | undefined>;
  /** Sends a test event to the targets. */
  test(bucket: string, targets: readonly string[], request: string): Promise<void>;
}

/** For a house without targets. */
export const noEvents: EventDesk = {
  knows: () => false,
  configured() {},
  test: async () => {},
  refusesDestination: async () => "There is no such server here.",
};

export interface Observation {
  /** "" where the request was refused before it was understood. */
  readonly operation: string;
  readonly status: number;
  readonly error: string;
  readonly ms: number;
  readonly actor: Actor | undefined;
  /** The peer's, whoever it may be. */
  readonly address: string;
  /** The path that was asked for: "/bucket/key", as sent. */
  readonly resource: string;
  /** "" where the request was about none. */
  readonly bucket: string;
  readonly request: HttpRequest;
  readonly answer: HttpAnswer;
  readonly id: string;
}

export interface S3Setting {
  readonly region: string;
  /** Domains whose subdomains are buckets: "s3.example.org". */
  readonly baseDomains: readonly string[];
  /** Domains whose subdomains are websites: "s3-website.example.org". */
  readonly websiteDomains: readonly string[];
  /** Whether signatures of version 2 are taken. */
  readonly signatureV2: boolean;
  /** Least size of a part that is not the last, in bytes. */
  readonly minPartBytes: number;
  /** Whether customers' own encryption keys are taken over plain HTTP from anywhere. */
  readonly customerKeysInClear?: boolean;
}

/** S3's own least part size. */
export const s3MinPartBytes = 5 * 2 ** 20;
/** How far a client's clock may be off. */
export const skewMs = 15 * 60 * 1000;
/** Largest body of one PUT or part. */
export const putBytes = 5 * 2 ** 30;
