import { remembered } from "../../base/memo.ts";
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
  const name = nameOfHost(host);
  let longest = 0;
  for (const domain of baseDomains) {
    const dot = name.length - domain.length - 1;
    if (domain.length > longest && name[dot] === "." && name.endsWith(domain)) longest = domain.length;
  }
  return longest === 0 ? undefined : name.slice(0, -longest - 1);
}

const nameOfHost = remembered((host: string) => host.toLowerCase().replace(/:\d+$/, ""));

function checked(bucket: string, key: string): Parsed<Address> {
  // Three bytes of UTF-8 at most a UTF-16 unit: short texts need no counting.
  if (key.length > 341 && new TextEncoder().encode(key).length > 1024) {
    return refuse("KeyTooLongError", "Your key is too long.");
  }
  if (bucket === "" && key !== "") return refuse("InvalidBucketName", "The specified bucket is not valid.");
  return { ok: true, value: { bucket, key } };
}
