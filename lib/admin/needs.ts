import type { OpenAPIHono } from "@hono/zod-openapi";
import type { Entropy } from "../base/entropy.ts";
import type { Clock } from "../base/time.ts";
import type { Actor, Door, Principal } from "../rules/identity.ts";
import type { Identities } from "../store/identities.ts";
import type { Objects } from "../store/objects.ts";
import type { AuditTrail } from "../watch/audit.ts";
import type { Log } from "../watch/log.ts";

/** Who is at the other end, as host knows it. */
export interface Peer {
  /** Without port; "" over a unix socket. */
  readonly address: string;
  /** Came through the owner's unix socket: it is the house. */
  readonly local: boolean;
}

/** What the app itself stands on; panels bring what they need. */
export interface AdminCore {
  /** "s3d". */
  readonly service: string;
  readonly version: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
  readonly audit: AuditTrail;
  readonly identities: Pick<Identities, "tokenOwner" | "grants">;
  readonly objects: Pick<Objects, "bucket">;
  /** The tenant that the house itself speaks of. */
  readonly tenant: string;
  /** What is not ready, each in a few words; empty when all is. */
  readonly unready: () => readonly Unready[];
  /** Prometheus text. */
  readonly metrics: () => string;
}

export interface Unready {
  readonly part: string;
  readonly reason: string;
}

/** What hono carries along with a request. */
export interface AdminEnv {
  Bindings: { peer: Peer };
  Variables: { by: Actor; request: string };
}

export type AdminApp = OpenAPIHono<AdminEnv>;

export const adminDoor: Door = "admin";

export const tenantOf = (principal: Principal, houseTenant: string): string =>
  principal.kind === "user" ? principal.user.tenant : houseTenant;
