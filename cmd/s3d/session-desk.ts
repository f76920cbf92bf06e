import type { Entropy } from "../../lib/base/entropy.ts";
import type { Clock } from "../../lib/base/time.ts";
import type { SessionDesk } from "../../lib/gate/s3/needs.ts";
import { SessionTokens } from "../../lib/gate/s3/sessions.ts";
import type { Store } from "../../lib/store/open.ts";
import type { AuditTrail } from "../../lib/watch/audit.ts";

interface DeskNeeds extends Pick<Store, "roles" | "seal"> {
  readonly entropy: Entropy;
  readonly audit: AuditTrail;
  readonly clock: Clock;
}

/** STS's desk: sessions sealed under the house's key, roles from the catalog, the audit trail told. */
export function sessionDesk({ roles, seal, entropy, audit, clock }: DeskNeeds): SessionDesk {
  const tokens = new SessionTokens(seal, entropy);
  return {
    issue: (claims) => tokens.issue(claims),
    open: (token) => tokens.open(token),
    async role(tenant, name) {
      const found = await roles.role(tenant, name);
      return found.ok ? found.value : undefined;
    },
    issued(user, { keyId, role, name, expiresAt }) {
      const actor = { principal: { kind: "user", user }, door: "s3", address: "", request: "" } as const;
      const detail = { role, session: name, until: new Date(expiresAt).toISOString() };
      const entry = { verb: "session.issue", target: keyId, outcome: "ok", detail } as const;
      audit.tell({ at: clock.wall(), actor, ...entry });
    },
  };
}
