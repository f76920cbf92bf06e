import type { HttpRequest } from "../../base/http.ts";
import type { UnixMs } from "../../base/time.ts";
import type { ChunkSigner } from "../../proto/s3/aws-chunked.ts";
import { readHeaderClaim, readQueryClaim, type Claim } from "../../proto/s3/claim.ts";
import { refuse, type Parsed } from "../../proto/s3/error.ts";
import { emptySha256, unsignedPayload } from "../../proto/s3/payload.ts";
import { formVerifies, readFormClaim } from "../../proto/s3/post-policy.ts";
import { scopeOf, unsignedHeader, verifies } from "../../proto/s3/sigv4.ts";
import type { Target } from "../../proto/s3/target.ts";
import { keyRefusal, signInRefusal, type Principal, type User } from "../../rules/identity.ts";
import type { Proof } from "./asker.ts";
import { skewMs, type S3Needs, type S3Setting } from "./needs.ts";
import { isTemporary, sessionOf, type Session } from "./sessions.ts";
import type { SigningKeys } from "./signing-keys.ts";

/** Who asks, proven. */
export interface Proven {
  readonly principal: Principal;
  readonly signer: ChunkSigner | undefined;
  readonly proof: Proof;
}

const anonymous: Parsed<Proven> = {
  ok: true,
  value: {
    principal: { kind: "anonymous" },
    signer: undefined,
    proof: { form: undefined, signedAt: undefined },
  },
};

/** Checks the signature of a request, in its header or its query. Without one the caller is anonymous. */
export async function authenticate(
  needs: Pick<S3Needs, "identities" | "clock" | "sessions">,
  setting: Pick<S3Setting, "region">,
  keys: SigningKeys,
  request: HttpRequest,
  target: Target,
  sts?: { readonly service: "sts"; readonly payload: string },
): Promise<Parsed<Proven>> {
  const claim = claimOf(request, target);
  if (!claim) return anonymous;
  if (!claim.ok) return claim;
  const now = needs.clock.wall();
  const untimely =
    refusalOfTime(claim.value, now) ?? refusalOfScope(claim.value, setting.region, sts?.service);
  if (untimely) return untimely;
  const unsigned = unsignedHeader(request.headers, claim.value.signedHeaders);
  if (unsigned !== undefined) {
    return refuse("AccessDenied", "There were headers present in the request which were not signed", {
      extra: { HeadersNotSigned: unsigned },
    });
  }
  const payload: Parsed<string> = sts
    ? { ok: true, value: sts.payload }
    : payloadOf(claim.value, request, target);
  if (!payload.ok) return payload;

  const owner = await ownerOf(needs, keys, claim.value, now);
  if (!owner.ok) return owner;
  const { key, user, session } = owner.value;
  const signed = { method: request.method, target, headers: request.headers, payload: payload.value };
  if (!verifies(claim.value, key, signed)) return mismatch();
  if (signInRefusal(user, now)) return refuse("AccessDenied", "Access Denied");
  const { amzDate, signature } = claim.value;
  const signer = { key, amzDate, scope: scopeOf(claim.value), seed: signature };
  const proof = { form: claim.value.form, signedAt: claim.value.at, session };
  return { ok: true, value: { principal: { kind: "user", user }, signer, proof } };
}

/** The same for a form upload, whose claim stands in its fields and covers its policy. */
export async function authenticateForm(
  needs: Pick<S3Needs, "identities" | "clock" | "sessions">,
  setting: Pick<S3Setting, "region">,
  keys: SigningKeys,
  fields: ReadonlyMap<string, string>,
): Promise<Parsed<Proven>> {
  const claim = readFormClaim(fields);
  if (!claim) return anonymous;
  if (!claim.ok) return claim;
  const now = needs.clock.wall();
  const foreign = refusalOfScope(claim.value, setting.region);
  if (foreign) return foreign;
  const owner = await ownerOf(needs, keys, claim.value, now);
  if (!owner.ok) return owner;
  const { key, user, session } = owner.value;
  if (!formVerifies(claim.value, key, fields.get("policy") ?? "")) return mismatch();
  if (signInRefusal(user, now)) return refuse("AccessDenied", "Access Denied");
  const proof = { form: "post", signedAt: claim.value.at, session } as const;
  return { ok: true, value: { principal: { kind: "user", user }, signer: undefined, proof } };
}

async function ownerOf(
  needs: Pick<S3Needs, "identities" | "sessions">,
  keys: SigningKeys,
  claim: Claim,
  now: UnixMs,
): Promise<Parsed<{ key: Uint8Array; user: User; session: Session | undefined }>> {
  if (isTemporary(claim.keyId)) return await temporaryOwner(needs, keys, claim, now);
  const owner = await needs.identities.keyOwner(claim.keyId);
  const refused = !owner.ok || keyRefusal(owner.value.key, now) !== undefined;
  if (refused || claim.token !== undefined) return unknownKey(claim);
  const { secret, user } = owner.value;
  return { ok: true, value: { key: keys.keyFor(claim, secret), user, session: undefined } };
}

/** Temporary credentials are what their token says, as long as their user and their role are there. */
async function temporaryOwner(
  needs: Pick<S3Needs, "identities" | "sessions">,
  keys: SigningKeys,
  claim: Claim,
  now: UnixMs,
): Promise<Parsed<{ key: Uint8Array; user: User; session: Session | undefined }>> {
  if (claim.token === undefined) return unknownKey(claim);
  const claims = needs.sessions.open(claim.token);
  if (claims?.keyId !== claim.keyId) {
    return refuse("InvalidToken", "The provided token is malformed or otherwise invalid.");
  }
  if (now >= claims.expiresAt) return refuse("ExpiredToken", "The provided token has expired.");
  const user = await needs.identities.user(claims.user);
  if (!user.ok) return unknownKey(claim);
  const role = claims.role === "" ? undefined : await needs.sessions.role(user.value.tenant, claims.role);
  const session = claims.role !== "" && !role ? undefined : sessionOf(claims, role);
  if (!session) return refuse("InvalidToken", "The role of the provided token is gone.");
  return { ok: true, value: { key: keys.keyFor(claim, claims.secret), user: user.value, session } };
}

const mismatch = (): ReturnType<typeof refuse> =>
  refuse(
    "SignatureDoesNotMatch",
    "The request signature we calculated does not match the signature you provided. " +
      "Check your key and signing method.",
  );

function claimOf(request: HttpRequest, target: Target): Parsed<Claim> | undefined {
  const authorization = request.headers.get("authorization");
  const presigned = target.query.has("X-Amz-Signature") || target.query.has("X-Amz-Algorithm");
  if (authorization !== undefined && presigned) {
    return refuse("InvalidArgument", "Only one auth mechanism allowed; only one of the two may be given");
  }
  if (presigned) return readQueryClaim(target.query);
  if (authorization === undefined) return undefined;
  return readHeaderClaim(request.headers);
}

function refusalOfTime(claim: Claim, now: UnixMs): ReturnType<typeof refuse> | undefined {
  if (claim.expires === undefined) {
    if (Math.abs(now - claim.at) <= skewMs) return undefined;
    const message = "The difference between the request time and the current time is too large.";
    return refuse("RequestTimeTooSkewed", message, {
      extra: { RequestTime: claim.amzDate, ServerTime: new Date(now).toISOString() },
    });
  }
  if (claim.at > now + skewMs) return refuse("AccessDenied", "Request is not yet valid");
  if (now > claim.at + claim.expires * 1000) return refuse("AccessDenied", "Request has expired");
  return undefined;
}

function refusalOfScope(
  claim: Claim,
  region: string,
  service: "s3" | "sts" = "s3",
): ReturnType<typeof refuse> | undefined {
  const code = claim.form === "header" ? "AuthorizationHeaderMalformed" : "AuthorizationQueryParametersError";
  if (claim.service !== service)
    return refuse(code, `The credential is for the service '${claim.service}', not '${service}'.`);
  if (claim.region === region) return undefined;
  return refuse(
    code,
    `The authorization header is malformed; the region '${claim.region}' is wrong; expecting '${region}'`,
    { extra: { Region: region } },
  );
}

function payloadOf(claim: Claim, request: HttpRequest, target: Target): Parsed<string> {
  const said = request.headers.get("x-amz-content-sha256");
  if (said !== undefined) return { ok: true, value: said };
  if (claim.form === "query") {
    return { ok: true, value: target.query.get("X-Amz-Content-Sha256") ?? unsignedPayload };
  }
  if (request.length === 0) return { ok: true, value: emptySha256 };
  return refuse("InvalidRequest", "Missing required header for this request: x-amz-content-sha256");
}

function unknownKey(claim: Claim): ReturnType<typeof refuse> {
  return refuse("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", {
    extra: { AWSAccessKeyId: claim.keyId },
  });
}
