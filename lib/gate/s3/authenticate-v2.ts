import type { HttpRequest } from "../../base/http.ts";
import type { Address } from "../../proto/s3/address.ts";
import { refuse, type Parsed } from "../../proto/s3/error.ts";
import { readClaimV2, verifiesV2, type ClaimV2 } from "../../proto/s3/sigv2.ts";
import type { Target } from "../../proto/s3/target.ts";
import { keyRefusal, signInRefusal } from "../../rules/identity.ts";
import type { Proven } from "./authenticate.ts";
import { skewMs, type S3Needs, type S3Setting } from "./needs.ts";

/** Checks a version 2 signature, where the setting allows it. */
export async function authenticateV2(
  needs: Pick<S3Needs, "identities" | "clock">,
  setting: Pick<S3Setting, "signatureV2">,
  request: HttpRequest,
  target: Target,
  address: Address,
): Promise<Parsed<Proven>> {
  if (!setting.signatureV2) {
    return refuse(
      "InvalidRequest",
      "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.",
    );
  }
  const claim = readClaimV2(request.headers, target);
  if (!claim.ok) return claim;
  const now = needs.clock.wall();
  const untimely = refusalOfTime(claim.value, now);
  if (untimely) return untimely;
  const owner = await needs.identities.keyOwner(claim.value.keyId);
  if (!owner.ok || keyRefusal(owner.value.key, now)) {
    return refuse("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.");
  }
  const { secret, user } = owner.value;
  if (!verifiesV2(claim.value, secret, request.method, request.headers, target, address)) {
    return refuse(
      "SignatureDoesNotMatch",
      "The request signature we calculated does not match the signature you provided.",
    );
  }
  if (signInRefusal(user, now)) return refuse("AccessDenied", "Access Denied");
  const proof = { form: claim.value.form, signedAt: undefined, old: true };
  return { ok: true, value: { principal: { kind: "user", user }, signer: undefined, proof } };
}

function refusalOfTime(claim: ClaimV2, now: number): ReturnType<typeof refuse> | undefined {
  if (claim.form === "query") {
    return now > claim.at ? refuse("AccessDenied", "Request has expired") : undefined;
  }
  if (Math.abs(now - claim.at) <= skewMs) return undefined;
  return refuse(
    "RequestTimeTooSkewed",
    "The difference between the request time and the current time is too large.",
  );
}
