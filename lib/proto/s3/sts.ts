import { maybe, tag, xmlDocument, type Xml } from "../../wire/xml-text.ts";
import { percentDecode } from "./target.ts";

/** What STS is asked, by the Query API. */
export interface StsAsk {
  readonly action: string;
  readonly fields: ReadonlyMap<string, string>;
}

const namespace = 'xmlns="https://sts.amazonaws.com/doc/2011-06-15/"';

/** Reads `Action=AssumeRole&Version=2011-06-15&…`; undefined where it is no form. At most 50 fields. */
export function readStsForm(text: string): StsAsk | undefined {
  const fields = new Map<string, string>();
  for (const part of text.trim().split("&")) {
    if (part === "") continue;
    const equals = part.indexOf("=");
    const [raw, value] = equals < 0 ? [part, ""] : [part.slice(0, equals), part.slice(equals + 1)];
    const [name, read] = [raw, value].map((one) => percentDecode(one.replaceAll("+", "%20")));
    if (name === undefined || read === undefined || fields.size >= 50) return undefined;
    if (!fields.has(name)) fields.set(name, read);
  }
  return { action: fields.get("Action") ?? "", fields };
}

/** The role that "arn:aws:iam::123:role/path/NAME" names; undefined: it is no role's ARN. */
export const roleOfArn = (arn: string): string | undefined =>
  /^arn:aws:iam::[^:]{0,64}:role\/(?:[\w+=,.@-]+\/){0,8}([\w+=,.@-]{1,64})$/.exec(arn)?.[1];

/** Temporary credentials. */
export interface StsCredentials {
  readonly keyId: string;
  readonly secret: string;
  readonly token: string;
  readonly expiresAt: number;
}

const credentialsXml = ({ keyId, secret, token, expiresAt }: StsCredentials): Xml =>
  tag(
    "Credentials",
    tag("AccessKeyId", keyId),
    tag("SecretAccessKey", secret),
    tag("SessionToken", token),
    tag("Expiration", new Date(expiresAt).toISOString()),
  );

const answerXml = (action: string, id: string, ...inside: readonly Xml[]): string =>
  xmlDocument(
    `${action}Response ${namespace}`,
    tag(`${action}Result`, inside),
    tag("ResponseMetadata", tag("RequestId", id)),
  );

export const assumeRoleXml = (given: StsCredentials, arn: string, id: string): string => {
  const user = tag("AssumedRoleUser", tag("AssumedRoleId", given.keyId), tag("Arn", arn));
  return answerXml("AssumeRole", id, credentialsXml(given), user);
};

export const sessionTokenXml = (given: StsCredentials, id: string): string =>
  answerXml("GetSessionToken", id, credentialsXml(given));

export const callerXml = (who: { arn: string; user: string; account: string }, id: string): string => {
  const parts = [tag("Arn", who.arn), tag("UserId", who.user), tag("Account", who.account)];
  return answerXml("GetCallerIdentity", id, ...parts);
};

/** Errors of STS, with their statuses. */
export const stsErrors = {
  AccessDenied: 403,
  ExpiredTokenException: 400,
  IncompleteSignature: 400,
  InvalidAction: 400,
  InvalidClientTokenId: 403,
  MalformedPolicyDocument: 400,
  MissingParameter: 400,
  PackedPolicyTooLarge: 400,
  SignatureDoesNotMatch: 403,
  ValidationError: 400,
} as const;
export type StsErrorCode = keyof typeof stsErrors;

export const stsErrorXml = (code: StsErrorCode, message: string | undefined, id: string): string =>
  xmlDocument(
    `ErrorResponse ${namespace}`,
    tag("Error", tag("Type", "Sender"), tag("Code", code), maybe("Message", message)),
    tag("RequestId", id),
  );
