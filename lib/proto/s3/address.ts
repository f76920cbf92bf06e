import { refuse, type Parsed } from "./error.ts";

/** What a request is about: the service, a bucket, or a key in it. */
export interface Address {
  /** "" for the service itself. */
  readonly bucket: string;
  /** "" for the bucket itself. */
  readonly key: string;
}

/** Reads bucket and key from Host and decoded path. `baseDomains` are those whose subdomains are buckets;
 *  the longest that fits wins, and an unknown host is path style. */
export function readAddress(
  host: string | undefined,
  path: string,
  baseDomains: readonly string[],
): Parsed<Address> {
  const virtual = host === undefined ? undefined : bucketOfHost(host, baseDomains);
  if (virtual !== undefined) return checked(virtual, path.slice(1));
  const slash = path.indexOf("/", 1);
  return slash < 0 ? checked(path.slice(1), "") : checked(path.slice(1, slash), path.slice(slash + 1));
}

function bucketOfHost(host: string, baseDomains: readonly string[]): string | undefined {
  if (baseDomains.length === 0) return undefined;
  const name = host.toLowerCase().replace(/:\d+$/, "");
  const fitting = baseDomains.filter((domain) => name.endsWith(`.${domain}`));
  if (fitting.length === 0) return undefined;
  const longest = Math.max(...fitting.map((domain) => domain.length));
  return name.slice(0, -longest - 1);
}

function checked(bucket: string, key: string): Parsed<Address> {
  // Three bytes of UTF-8 at most a UTF-16 unit: short texts need no counting.
  if (key.length > 341 && new TextEncoder().encode(key).length > 1024) {
    return refuse("KeyTooLongError", "Your key is too long.");
  }
  if (bucket === "" && key !== "") return refuse("InvalidBucketName", "The specified bucket is not valid.");
  return { ok: true, value: { bucket, key } };
}
