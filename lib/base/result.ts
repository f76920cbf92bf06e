import { fault, type Fault, type FaultCode } from "./fault.ts";
import { Bug } from "./assert.ts";

/** What an operation that may be refused gives back. `throw` is kept for bugs. */
export type Result<T, F = Fault> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly fault: F };

export function ok(): Result<void, never>;
export function ok<T>(value: T): Result<T, never>;
export function ok<T>(value?: T): Result<T | undefined, never> {
  return { ok: true, value };
}

export function fail(code: FaultCode, what: string, more: Omit<Fault, "code" | "what"> = {}): Result<never> {
  return { ok: false, fault: fault(code, what, more) };
}

/** The value, or a `Bug`: for start-up and tests, where a fault means the programme is wrong. */
export function must<T>(result: Result<T>): T {
  if (result.ok) return result.value;
  throw new Bug(
    `${result.fault.code}: ${result.fault.what}${result.fault.where ? ` (${result.fault.where})` : ""}`,
  );
}
