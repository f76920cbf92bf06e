import type { Database } from "bun:sqlite";
import type { Entropy } from "../../base/entropy.ts";
import type { Clock, UnixMs } from "../../base/time.ts";
import type { Passwords } from "../../crypto/password.ts";
import type { Seal } from "../../crypto/seal.ts";
import type { Actor } from "../../rules/identity.ts";
import { eventTable } from "../catalog/event-table.ts";
import type { Writer } from "../catalog/writer.ts";
import type { ChangeKind } from "../feed.ts";
import { IdentityCache } from "./cache.ts";

export interface IdentitiesNeeds {
  readonly write: Database;
  readonly read: Database;
  readonly writer: Writer;
  readonly seal: Seal;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

/** What every operation on identities stands on. */
export interface Room extends IdentitiesNeeds {
  readonly passwords: Passwords;
  readonly cache: IdentityCache;
  readonly newId: () => string;
  /** In a job: tells the feed of a change, and every cache of identities that it is old. */
  readonly changed: (by: Actor, at: UnixMs, kind: ChangeKind, tenant: string, subject: string) => void;
}

export function changedIn(write: Database): Room["changed"] {
  const events = eventTable(write);
  const step = write.prepare<null, []>("UPDATE counters SET value = value + 1 WHERE name = 'identities'");
  return (by, at, kind, tenant, subject) => {
    events.append(at, by, { kind, tenant, subject });
    step.run();
  };
}
