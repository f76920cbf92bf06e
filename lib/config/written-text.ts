/** A written value on one line: lists parted by commas. */
export function writtenText(written: unknown): string {
  return Array.isArray(written) ? written.map(String).join(", ") : String(written);
}
