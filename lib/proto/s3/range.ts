/** The part of an object a GET asks for. */
export type RangeAsk =
  | { readonly kind: "whole" }
  | { readonly kind: "part"; readonly start: number; readonly end: number }
  | { readonly kind: "unsatisfiable" };

const whole: RangeAsk = { kind: "whole" };

/** Reads a Range header against an object of `size` bytes; `end` is exclusive. What is malformed, of another
 *  unit or of several ranges is ignored (RFC 9110 §14.2). */
export function readRange(text: string | undefined, size: number): RangeAsk {
  const m = text === undefined ? undefined : /^bytes=(\d{0,18})-(\d{0,18})$/.exec(text.trim());
  if (!m || (m[1] === "" && m[2] === "")) return whole;
  if (m[1] === "") {
    const count = Number(m[2]);
    if (count === 0 || size === 0) return { kind: "unsatisfiable" };
    return { kind: "part", start: Math.max(0, size - count), end: size };
  }
  const start = Number(m[1]);
  const last = m[2] === "" ? Number.POSITIVE_INFINITY : Number(m[2]);
  if (last < start) return whole;
  if (start >= size) return { kind: "unsatisfiable" };
  return { kind: "part", start, end: Math.min(last + 1, size) };
}

/** `x-amz-copy-source-range`: exactly "bytes=first-last", within the source. Undefined where it is not. */
export function readCopyRange(text: string, size: number): { start: number; end: number } | undefined {
  const m = /^bytes=(\d{1,18})-(\d{1,18})$/.exec(text);
  if (!m) return undefined;
  const start = Number(m[1]);
  const end = Number(m[2]) + 1;
  return start < end && end <= size ? { start, end } : undefined;
}
