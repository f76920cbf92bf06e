/** What the first start generates, as `<data>/first-run.json` (0600) keeps it until the operator removes
 *  it. */
export interface Credentials {
  /** The first administrator. */
  readonly user: string;
  readonly password: string;
  /** Their S3 key pair. */
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Their bearer token for the admin API. */
  readonly token: string;
}
