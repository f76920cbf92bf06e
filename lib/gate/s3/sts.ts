import { BodyLost, type HttpAnswer, type HttpRequest } from "../../base/http.ts";
import { concat, hex, lossyText } from "../../base/bytes.ts";
import type { Address } from "../../proto/s3/address.ts";
import type { ErrorCode } from "../../proto/s3/error.ts";
import {
  assumeRoleXml,
  callerXml,
  readStsForm,
  roleOfArn,
  sessionTokenXml,
  stsErrors,
  stsErrorXml,
  type StsAsk,
  type StsErrorCode,
} from "../../proto/s3/sts.ts";
import type { Target } from "../../proto/s3/target.ts";
import { readIdentityPolicy } from "../../rules/policy.ts";
import type { User } from "../../rules/identity.ts";
import { digestsOf } from "../../store/digests.ts";
import type { Role } from "../../store/roles.ts";
import { authenticate } from "./authenticate.ts";
import type { S3Needs, S3Setting } from "./needs.ts";
import { endOf, type Session } from "./sessions.ts";
import type { SigningKeys } from "./signing-keys.ts";

const documentBytes = 65_536;
/** As many characters as AWS takes. */
const policyChars = 2048;

interface StsVisit {
  readonly needs: S3Needs;
  readonly setting: S3Setting;
  readonly keys: SigningKeys;
  readonly request: HttpRequest;
  readonly target: Target;
  readonly id: string;
}

type Refusal = { readonly code: StsErrorCode; readonly message: string };
const no = (code: StsErrorCode, message: string): Refusal => ({ code, message });

/** The Query API has the service's own address, and a form as its body. */
export const isSts = (request: HttpRequest, address: Address): boolean =>
  request.method === "POST" && address.bucket === "" && address.key === "";

/** Answers AssumeRole, GetSessionToken and GetCallerIdentity. */
export async function serveSts(visit: StsVisit): Promise<HttpAnswer> {
  const done = await answered(visit);
  if (typeof done === "string") return { status: 200, headers: xmlType, body: done };
  const body = stsErrorXml(done.code, done.message, visit.id);
  return { status: stsErrors[done.code], headers: xmlType, body };
}

const xmlType = { "content-type": "text/xml" };

async function answered(visit: StsVisit): Promise<string | Refusal> {
  const { needs, setting, keys, request, target, id } = visit;
  const body = await readBody(request);
  const ask = body && readStsForm(lossyText(body));
  if (!ask) return no("ValidationError", "The request's body is no form, or too long.");
  const payload = hex(digestsOf(["sha256"], body).sha256!);
  const proven = await authenticate(needs, setting, keys, request, target, { service: "sts", payload });
  if (!proven.ok) return no(stsCodes[proven.fault.code] ?? "AccessDenied", proven.fault.message);
  const { principal, proof } = proven.value;
  if (principal.kind !== "user") return no("AccessDenied", "Requests to STS are signed.");
  const { user } = principal;
  const { session } = proof;
  if (ask.action === "GetCallerIdentity") {
    return callerXml({ arn: arnOf(user, session), user: user.id, account: user.tenant }, id);
  }
  if (ask.action !== "AssumeRole" && ask.action !== "GetSessionToken") {
    return no("InvalidAction", `Could not find operation ${ask.action.slice(0, 64)}`);
  }
  if (session) return no("AccessDenied", "Temporary credentials cannot make others.");
  return ask.action === "AssumeRole"
    ? await assumeRole(visit, ask, user)
    : await sessionToken(visit, ask, user);
}

/** The S3 gate's refusals in STS's words. */
const stsCodes: Readonly<Partial<Record<ErrorCode, StsErrorCode>>> = {
  InvalidAccessKeyId: "InvalidClientTokenId",
  InvalidToken: "InvalidClientTokenId",
  ExpiredToken: "ExpiredTokenException",
  SignatureDoesNotMatch: "SignatureDoesNotMatch",
  AuthorizationHeaderMalformed: "IncompleteSignature",
  RequestTimeTooSkewed: "SignatureDoesNotMatch",
};

async function readBody(request: HttpRequest): Promise<Uint8Array | undefined> {
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of request.body) {
      size += chunk.length;
      if (size > documentBytes) return undefined;
      parts.push(chunk.slice());
    }
  } catch (error) {
    if (error instanceof BodyLost) return undefined;
    throw error;
  }
  return concat(parts);
}

/** A role by its ARN. What is no role's ARN (MinIO's clients send anything) means the caller's own rights. */
async function assumeRole({ needs, id }: StsVisit, ask: StsAsk, user: User): Promise<string | Refusal> {
  const arn = ask.fields.get("RoleArn") ?? "";
  const wanted = roleOfArn(arn);
  const role = wanted === undefined ? undefined : await trusted(needs, user, wanted);
  if (role === "denied") {
    return no("AccessDenied", `User ${user.name} is not authorized to perform: sts:AssumeRole on ${arn}`);
  }
  const name = ask.fields.get("RoleSessionName") ?? user.name;
  if (!/^[\w+=,.@-]{2,64}$/.test(name)) {
    return no("ValidationError", "RoleSessionName has 2 to 64 letters, digits and +=,.@_-");
  }
  const seconds = secondsOf(ask, 3600, Math.min(role?.maxSeconds ?? 43_200, 43_200));
  if (typeof seconds !== "number") return seconds;
  const policy = policyOf(ask);
  if (typeof policy !== "string") return policy;
  const expiresAt = endOf(needs.clock.wall(), seconds);
  const claims = { user: user.id, role: role?.name ?? "", name, policy, expiresAt };
  const given = needs.sessions.issue(claims);
  needs.sessions.issued(user, given);
  return assumeRoleXml(given, assumedArn(user.tenant, role?.name ?? user.name, name), id);
}

async function trusted(needs: S3Needs, user: User, name: string): Promise<Role | "denied"> {
  const role = await needs.sessions.role(user.tenant, name);
  if (!role) return "denied";
  const trusts = role.trusts.some(
    (one) => one === "*" || one === user.name || (one.startsWith("@") && user.groups.includes(one.slice(1))),
  );
  return trusts ? role : "denied";
}

async function sessionToken({ needs, id }: StsVisit, ask: StsAsk, user: User): Promise<string | Refusal> {
  const seconds = secondsOf(ask, 43_200, 129_600);
  if (typeof seconds !== "number") return seconds;
  const expiresAt = endOf(needs.clock.wall(), seconds);
  const given = needs.sessions.issue({ user: user.id, role: "", name: user.name, policy: "", expiresAt });
  needs.sessions.issued(user, given);
  return sessionTokenXml(given, id);
}

function secondsOf(ask: StsAsk, usual: number, most: number): number | Refusal {
  const text = ask.fields.get("DurationSeconds");
  if (text === undefined) return Math.min(usual, most);
  const seconds = /^\d{1,7}$/.test(text) ? Number(text) : 0;
  return seconds >= 900 && seconds <= most
    ? seconds
    : no("ValidationError", `DurationSeconds is 900 to ${most} here.`);
}

function policyOf(ask: StsAsk): string | Refusal {
  const policy = ask.fields.get("Policy") ?? "";
  if (ask.fields.has("PolicyArns.member.1.arn")) {
    return no("ValidationError", "PolicyArns are not implemented: give the policy itself.");
  }
  if (policy === "") return "";
  if (policy.length > policyChars) return no("PackedPolicyTooLarge", "A session policy has 2048 characters.");
  const read = readIdentityPolicy(policy);
  return read.ok ? policy : no("MalformedPolicyDocument", read.fault.what);
}

export const assumedArn = (tenant: string, role: string, session: string): string =>
  `arn:aws:sts::${tenant}:assumed-role/${role}/${session}`;

const arnOf = (user: User, session: Session | undefined): string =>
  session?.role
    ? assumedArn(user.tenant, session.role.name, session.name)
    : `arn:aws:iam::${user.tenant}:user/${user.name}`;
