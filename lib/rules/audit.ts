import type { Actor } from "./identity.ts";
import type { UnixMs } from "../base/time.ts";

/** What the audit trail tells of: the house's words, the same for every door. */
export type AuditVerb =
  | "sign-in"
  | "sign-out"
  | "access.refused"
  | "object.read"
  | "object.write"
  | "object.delete"
  | "object.rename"
  | "object.list"
  | "bucket.create"
  | "bucket.delete"
  | "bucket.configure"
  | "user.add"
  | "user.change"
  | "user.remove"
  | "key.add"
  | "key.remove"
  | "import.start"
  | "import.stop"
  | "ring-key.add"
  | "ring-key.change"
  | "ring-key.rotate"
  | "ring-key.remove"
  | "token.add"
  | "token.remove"
  | "grant.add"
  | "grant.remove"
  | "ban.remove"
  | "terms.change"
  | "site.change"
  | "role.put"
  | "role.remove"
  | "session.issue" // temporary credentials were handed out
  | "remote.put"
  | "remote.remove"
  | "delivery.change" // dead letters sent again or forgotten
  | "snapshot.add"
  | "snapshot.remove"
  | "snapshot.restore"
  | "scrub.start"
  | "config.reload"
  | "daemon.start"
  | "daemon.stop"
  | "clock.state" // what the clock was worth over the last moments: the evidence of a time report
  | "clock.follow" // another source is followed
  | "clock.lost" // no majority of sources agrees any more
  | "clock.changed" // a source or the way to it is no more what it was
  | "clock.step"
  | "clock.jump" // somebody else set the clock
  | "clock.fenced" // a majority of sources is outside of what witnesses sign
  | "clock.malfeasance" // a Roughtime server is proved to lie
  | "clock.leap" // a leap second was taken
  | "clock.panic"
  | "audit.recover" // the trail was found cut or short when it was opened
  | "audit.lost"; // entries that could not be kept

export interface AuditEntry {
  readonly at: UnixMs;
  readonly actor: Actor;
  readonly verb: AuditVerb;
  /** What it was done to: "bucket/key", a user name, a path. Never a secret. */
  readonly target: string;
  /** "ok", or the fault's code. */
  readonly outcome: string;
  /** Small facts worth keeping: bytes moved, version id. Never a secret. */
  readonly detail: Readonly<Record<string, string | number>>;
}
