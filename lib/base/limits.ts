/** Bounds that hold whatever the configuration says. A setting may be lower, never higher. */
export const limits = {
  /** A bucket key, in UTF-8 bytes (S3). */
  keyBytes: 1024,
  /** User metadata of one object, names and values, in bytes (S3). */
  userMetadataBytes: 2048,
  /** One page of any listing. */
  pageRows: 1000,
  /** Parts of a multipart upload (S3). */
  uploadParts: 10_000,
  /** A whole object: 5 TiB. */
  objectBytes: 5 * 2 ** 40,
  /** An XML or JSON document a client sends. */
  documentBytes: 1 << 20,
} as const;
