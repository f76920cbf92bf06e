/** UTF-16 little-endian, as SMB, NTLM and DCERPC write text: unpaired surrogates pass both ways unchanged, so
 *  that what decides about names sees them. */
export const utf16 = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text, "utf16le"));

/** The text; a last odd byte is not part of it. */
export const utf16Text = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("utf16le");
