import type { Address } from "./address.ts";
import { refuse, type Parsed } from "./error.ts";
import {
  bucketRow,
  bucketRows,
  objectRow,
  objectRows,
  serviceRow,
  unservedKeys,
  unservedRow,
  type Method,
  type OperationName,
  type Row,
} from "./operation-table.ts";
import type { Query } from "./target.ts";

/** What a request asks for, and of what. */
export interface Operation extends Address {
  readonly name: OperationName;
}

/** Names the operation. The presence of a sub-resource key decides before the method does; `x-id` and keys
 *  nobody knows are ignored. Refuses NotImplemented for what S3 has and this server has not. */
export function readOperation(
  method: string,
  address: Address,
  query: Query,
  copies: boolean,
): Parsed<Operation> {
  const row = rowFor(address, query);
  const name = Object.hasOwn(row, method) ? row[method as Method] : undefined;
  if (name === undefined) {
    return refuse("MethodNotAllowed", "The specified method is not allowed against this resource.");
  }
  if (name === "unserved") {
    return refuse(
      "NotImplemented",
      "A header or query you provided implies functionality that is not implemented.",
    );
  }
  const { bucket, key } = address;
  return { ok: true, value: { name: copies ? copyOf(name) : name, bucket, key } };
}

function rowFor(address: Address, query: Query): Row {
  if (address.bucket === "") return serviceRow;
  const ofBucket = address.key === "";
  if (query.pairs.length > 0) {
    const row = firstOf(ofBucket ? placeOfBucketKey : placeOfObjectKey, query);
    if (row !== undefined) return (ofBucket ? bucketRows : objectRows)[row]![1];
    if (query.pairs.some(([key]) => unservedKeys.has(key))) return unservedRow;
  }
  return ofBucket ? bucketRow : objectRow;
}

const placesOf = (rows: readonly (readonly [string, Row])[]): ReadonlyMap<string, number> =>
  new Map(rows.map(([key], i) => [key, i]));
const placeOfBucketKey = placesOf(bucketRows);
const placeOfObjectKey = placesOf(objectRows);

/** The first row whose key the query has: usually it has none. */
function firstOf(places: ReadonlyMap<string, number>, query: Query): number | undefined {
  let first: number | undefined;
  for (const [key] of query.pairs) {
    const place = places.get(key);
    if (place !== undefined && (first === undefined || place < first)) first = place;
  }
  return first;
}

/** `x-amz-copy-source` turns two operations into others. */
function copyOf(name: OperationName): OperationName {
  if (name === "PutObject") return "CopyObject";
  return name === "UploadPart" ? "UploadPartCopy" : name;
}
