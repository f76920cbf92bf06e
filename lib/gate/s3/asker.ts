import type { HttpRequest } from "../../base/http.ts";
import type { UnixMs } from "../../base/time.ts";
import { readTaggingHeader } from "../../proto/s3/facts.ts";
import type { Query } from "../../proto/s3/target.ts";
import type { Actor } from "../../rules/identity.ts";
import type { Session } from "./sessions.ts";

/** How a request was proven, as policies may ask. */
export interface Proof {
  readonly form: "header" | "query" | "post" | undefined;
  /** When it was signed. */
  readonly signedAt: number | undefined;
  /** By signature version 2. */
  readonly old?: boolean;
  /** By temporary credentials. */
  readonly session?: Session | undefined;
}

/** Who asks, and everything about the request that a policy's condition may look at. */
export class Asker {
  readonly actor: Actor;
  /** ARN and id of the caller; none for the anonymous. */
  readonly names: readonly string[];
  readonly #request: HttpRequest;
  readonly #query: Query;
  readonly #proof: Proof;
  readonly #now: UnixMs;

  constructor(actor: Actor, request: HttpRequest, query: Query, proof: Proof, now: UnixMs) {
    this.actor = actor;
    this.#request = request;
    this.#query = query;
    this.#proof = proof;
    this.#now = now;
    const { principal } = actor;
    this.names = principal.kind === "user" ? namesOf(principal.user, proof.session) : [];
  }

  get session(): Session | undefined {
    return this.#proof.session;
  }

  get version(): string | undefined {
    return this.#query.get("versionId");
  }

  /** The values of a condition key, lower case. `tags`: those of the object asked about. */
  value(key: string, tags: Readonly<Record<string, string>> | undefined): readonly string[] | undefined {
    if (key.startsWith("s3:existingobjecttag/")) return tagged(tags, key.slice(21));
    if (key.startsWith("s3:requestobjecttag")) return this.#requestTags(key);
    const one = key.startsWith("aws:") ? this.#global(key.slice(4)) : this.#ofS3(key.slice(3));
    return one === undefined ? undefined : [one];
  }

  #global(key: string): string | undefined {
    const { principal, address } = this.actor;
    const user = principal.kind === "user" ? principal.user : undefined;
    const values: Readonly<Record<string, () => string | undefined>> = {
      sourceip: () => address,
      securetransport: () => String(this.#request.secure),
      currenttime: () => new Date(this.#now).toISOString(),
      epochtime: () => String(Math.floor(this.#now / 1000)),
      referer: () => this.#request.headers.get("referer"),
      useragent: () => this.#request.headers.get("user-agent"),
      principalarn: () => this.names[0],
      principalaccount: () => user?.tenant,
      principaltype: () => (user ? "User" : "Anonymous"),
      userid: () => user?.id,
      username: () => user?.name,
    };
    return Object.hasOwn(values, key) ? values[key]!() : undefined;
  }

  #ofS3(key: string): string | undefined {
    const headers = this.#request.headers;
    if (key.startsWith("x-amz-")) return headers.get(key);
    const { form, signedAt } = this.#proof;
    const values: Readonly<Record<string, () => string | undefined>> = {
      prefix: () => this.#query.get("prefix"),
      delimiter: () => this.#query.get("delimiter"),
      "max-keys": () => this.#query.get("max-keys"),
      versionid: () => this.version,
      "if-match": () => headers.get("if-match"),
      "if-none-match": () => headers.get("if-none-match"),
      "object-lock-mode": () => headers.get("x-amz-object-lock-mode"),
      "object-lock-legal-hold": () => headers.get("x-amz-object-lock-legal-hold"),
      "object-lock-retain-until-date": () => headers.get("x-amz-object-lock-retain-until-date"),
      "object-lock-remaining-retention-days": () => this.#remainingDays(),
      authtype: () => form && { header: "REST-HEADER", query: "REST-QUERY-STRING", post: "POST" }[form],
      signatureversion: () => form && (this.#proof.old ? "AWS" : "AWS4-HMAC-SHA256"),
      signatureage: () => (signedAt === undefined ? undefined : String(this.#now - signedAt)),
      tlsversion: () => (this.#request.secure ? "1.2" : undefined),
      objectcreationoperation: () =>
        String(this.#request.method === "PUT" || this.#request.method === "POST"),
    };
    return Object.hasOwn(values, key) ? values[key]!() : undefined;
  }

  #remainingDays(): string | undefined {
    const date = Date.parse(this.#request.headers.get("x-amz-object-lock-retain-until-date") ?? "");
    return Number.isNaN(date) ? undefined : String(Math.ceil((date - this.#now) / 86_400_000));
  }

  #requestTags(key: string): readonly string[] | undefined {
    const tags = readTaggingHeader(this.#request.headers.get("x-amz-tagging"));
    if (!tags.ok) return undefined;
    if (key !== "s3:requestobjecttagkeys")
      return tagged(tags.value, key.slice("s3:requestobjecttag/".length));
    const keys = Object.keys(tags.value);
    return keys.length === 0 ? undefined : keys;
  }
}

/** In a role somebody is the role, not themselves. */
const namesOf = (
  { tenant, name, id }: { tenant: string; name: string; id: string },
  session: Session | undefined,
): string[] =>
  session?.role
    ? [`arn:aws:sts::${tenant}:assumed-role/${session.role.name}/${session.name}`, roleArn(session.role)]
    : [`arn:aws:iam::${tenant}:user/${name}`, id];

const roleArn = ({ tenant, name }: { tenant: string; name: string }): string =>
  `arn:aws:iam::${tenant}:role/${name}`;

/** Tag keys in conditions are given in lower case, as condition keys are. */
function tagged(
  tags: Readonly<Record<string, string>> | undefined,
  key: string,
): readonly string[] | undefined {
  const found = Object.entries(tags ?? {}).find(([name]) => name.toLowerCase() === key);
  return found && [found[1]];
}
