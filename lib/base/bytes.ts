const utf8Encoder = new TextEncoder();
const utf8Strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const utf8Lossy = new TextDecoder("utf-8", { ignoreBOM: true });

export const empty: Uint8Array = new Uint8Array(0);

export const utf8 = (text: string): Uint8Array<ArrayBuffer> => utf8Encoder.encode(text);

/** The text, or undefined where the bytes are not UTF-8. */
export function textOf(bytes: Uint8Array): string | undefined {
  try {
    return utf8Strict.decode(bytes);
  } catch {
    return undefined;
  }
}

/** The text, with U+FFFD where the bytes are not UTF-8. For logs and pages, never for names. */
export const lossyText = (bytes: Uint8Array): string => utf8Lossy.decode(bytes);

export function concat(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Order of unsigned bytes: negative, zero or positive. The order of S3 keys and of SQLite's BINARY. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) if (a[i] !== b[i]) return a[i]! - b[i]!;
  return a.length - b.length;
}

/** Order of the texts' UTF-8 bytes, which is not JavaScript's `<` above U+FFFF. */
export function compareUtf8(a: string, b: string): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const x = a.charCodeAt(i);
    const y = b.charCodeAt(i);
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above every other: they sort last. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0;
}

export const hex = (bytes: Uint8Array): string => bytes.toHex();
export const base64 = (bytes: Uint8Array): string => bytes.toBase64();

/** The bytes, or undefined where the text is not hexadecimal. */
export function fromHex(text: string): Uint8Array<ArrayBuffer> | undefined {
  return /^(?:[0-9a-fA-F]{2})*$/.test(text) ? Uint8Array.fromHex(text) : undefined;
}

/** The bytes, or undefined where the text is not base64 with its padding. */
export function fromBase64(text: string): Uint8Array<ArrayBuffer> | undefined {
  try {
    return Uint8Array.fromBase64(text, { lastChunkHandling: "strict" });
  } catch {
    return undefined;
  }
}
