import type { AuditEntry } from "../rules/audit.ts";

/** Where what was done is told. Append-only and hash-chained behind this door; never blocks the teller. */
export interface AuditTrail {
  tell(entry: AuditEntry): void;
}
