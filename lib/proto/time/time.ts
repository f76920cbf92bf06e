/** RFC 868: the time as four bytes, big-endian, of seconds since 1900-01-01T00:00:00Z. Wraps in 2036. */
export function timeAnswer(unixSeconds: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, (Math.floor(unixSeconds) + secondsFrom1900To1970) >>> 0);
  return bytes;
}

const secondsFrom1900To1970 = 2_208_988_800;
