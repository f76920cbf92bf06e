import type { Clock } from "../../lib/base/time.ts";
import type { Observation } from "../../lib/gate/s3/needs.ts";
import type { AuditEntry } from "../../lib/rules/audit.ts";
import type { AuditTrail } from "../../lib/watch/audit.ts";

/** Answers that mean: this key, or this signature, is not what it claims to be. */
const unproven = new Set(["InvalidAccessKeyId", "SignatureDoesNotMatch", "InvalidToken", "ExpiredToken"]);

/** Tells the audit trail who was refused, and who read, where `reads` says so. What is changed is told by
 *  auditedObjects. */
export function auditRequests(audit: AuditTrail, clock: Clock, reads: boolean): (what: Observation) => void {
  return (what) => {
    const entry = entryOf(what, reads);
    if (entry) audit.tell({ at: clock.wall(), ...entry });
  };
}

function entryOf(what: Observation, reads: boolean): Omit<AuditEntry, "at"> | undefined {
  const { operation, error, actor, address, resource } = what;
  if (unproven.has(error)) {
    const stranger = { principal: { kind: "anonymous" }, door: "s3", address, request: "" } as const;
    return { actor: stranger, verb: "sign-in", target: resource, outcome: error, detail: {} };
  }
  if (!actor) return undefined;
  if (error === "AccessDenied") {
    return { actor, verb: "access.refused", target: resource, outcome: "denied", detail: { operation } };
  }
  const read = reads && operation === "GetObject" && error === "";
  return read ? { actor, verb: "object.read", target: resource, outcome: "ok", detail: {} } : undefined;
}
