import type { Clock } from "../lib/base/time.ts";
import type { ConfigOf } from "../lib/config/section.ts";
import type { KeyService } from "../lib/store/keys.ts";
import type { kmsSection } from "./house-sections.ts";

/** The key service that the configuration names; undefined: the house's own ring. Its client is loaded only
 *  where there is one. */
export async function keyServiceOf(
  kms: ConfigOf<readonly [typeof kmsSection]>["kms"],
  clock: Clock,
): Promise<KeyService | undefined> {
  if (kms.endpoint === "") return undefined;
  const { awsKms } = await import("./aws-kms.ts");
  const credentials = { keyId: kms.accessKey, secret: kms.secretKey?.reveal() ?? "", region: kms.region };
  const defaultKey = kms.key === "" ? undefined : kms.key;
  return awsKms({ endpoint: kms.endpoint, credentials, defaultKey }, clock);
}
