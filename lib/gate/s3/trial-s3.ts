import { concat, lossyText, utf8 } from "../../base/bytes.ts";
import { seededEntropy, type Entropy } from "../../base/entropy.ts";
import type { HttpAnswer, HttpExchange } from "../../base/http.ts";
import { randomText } from "../../base/ids.ts";
import { must } from "../../base/result.ts";
import { handClock } from "../../base/time.ts";
import { signRequest, type Credentials } from "../../proto/s3/sign.ts";
import { houseActor, type User } from "../../rules/identity.ts";
import { memoryIdentities } from "../../store/memory-identities.ts";
import { memoryObjects } from "../../store/memory-objects.ts";
import { silentLog } from "../../watch/log.ts";
import { s3Exchange } from "./exchange.ts";
import { noEvents, type EventDesk, type Observation, type S3Setting, type SessionDesk } from "./needs.ts";
import { SessionTokens } from "./sessions.ts";
import type { Role } from "../../store/roles.ts";

/** Sessions sealed by nothing but their purpose. */
function trialSessions(entropy: Entropy, roles: readonly Role[]): SessionDesk {
  const marked = (purpose: string): string => `${purpose}:`;
  const tokens = new SessionTokens(
    {
      close: (secret, purpose) => concat([utf8(marked(purpose)), secret]),
      open: (sealed, purpose) =>
        lossyText(sealed).startsWith(marked(purpose)) ? sealed.subarray(marked(purpose).length) : undefined,
    },
    entropy,
  );
  return {
    issue: (claims) => tokens.issue(claims),
    open: (token) => tokens.open(token),
    issued() {},
    role: async (_, name) => roles.find((role) => role.name === name),
  };
}

/** What a test asks: raw target, headers in lower case, body. */
export interface Ask {
  readonly method?: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Who signs; "nobody": anonymous. Default: the administrator. */
  readonly by?: Credentials | "nobody";
  readonly payload?: string;
  readonly secure?: boolean;
}

export interface Got extends HttpAnswer {
  readonly text: string;
  /** The error's code, "" for none. */
  readonly code: string;
}

/** A whole S3 gate over memory, with an administrator and two users, for tests. */
export async function trialS3(
  setting: Partial<S3Setting> = {},
  more: { readonly events?: Partial<EventDesk>; readonly roles?: readonly Role[] } = {},
) {
  const clock = handClock();
  const entropy = seededEntropy(7);
  const objects = memoryObjects({ clock, entropy });
  const identities = memoryIdentities(clock, entropy);
  const observed: Observation[] = [];
  const exchange = s3Exchange(
    {
      objects,
      sessions: trialSessions(entropy, more.roles ?? []),
      events: { ...noEvents, ...more.events },
      identities,
      clock,
      requestId: () => randomText(entropy, 16).toUpperCase(),
      log: silentLog,
      observe: (what) => void observed.push(what),
    },
    {
      region: "us-east-1",
      baseDomains: ["s3.test"],
      minPartBytes: 5,
      websiteDomains: ["web.test"],
      signatureV2: false,
      ...setting,
    },
  );
  const person = async (name: string, role: "admin" | "user"): Promise<{ user: User; by: Credentials }> => {
    const rest = { groups: [], home: undefined, expiresAt: undefined, password: "correct horse battery" };
    const user = must(await identities.addUser(houseActor, { tenant: "main", name, role, ...rest }));
    const { key, secret } = must(await identities.addKey(houseActor, user.id));
    return { user, by: { keyId: key.id, secret, region: "us-east-1" } };
  };
  const admin = await person("admin", "admin");
  const alice = await person("alice", "user");
  const bob = await person("bob", "user");
  const ask = (what: Ask): Promise<Got> => asked(exchange, what, admin.by, clock.wall());
  return { clock, objects, identities, exchange, observed, admin, alice, bob, ask };
}

export type TrialS3 = Awaited<ReturnType<typeof trialS3>>;

async function asked(exchange: HttpExchange, what: Ask, admin: Credentials, at: number): Promise<Got> {
  const { method = "GET", target, by = admin } = what;
  const bytes = typeof what.body === "string" ? utf8(what.body) : what.body;
  const plain = { host: "localhost", ...what.headers };
  const out = { method, target, headers: plain, ...(what.payload ? { payload: what.payload } : {}) };
  const headers = by === "nobody" ? plain : signRequest(out, by, at);
  const length = bytes?.length ?? 0;
  const answer = await exchange({
    method,
    target,
    headers: new Map(Object.entries(headers)),
    address: "192.0.2.7",
    secure: what.secure ?? false,
    length,
    body: pieces(bytes),
  });
  const text = await textOf(answer);
  return { ...answer, text, code: /<Code>(\w+)<\/Code>/.exec(text)?.[1] ?? "" };
}

/** The body in two pieces, so that nobody relies on one. */
async function* pieces(bytes: Uint8Array | undefined): AsyncGenerator<Uint8Array> {
  if (!bytes || bytes.length === 0) return;
  const middle = Math.ceil(bytes.length / 2);
  yield bytes.slice(0, middle);
  if (middle < bytes.length) yield bytes.slice(middle);
}

async function textOf({ body }: HttpAnswer): Promise<string> {
  if (body === undefined || typeof body === "string") return body ?? "";
  if (!("chunks" in body)) return new TextDecoder().decode(body);
  let text = "";
  for await (const chunk of body.chunks) text += new TextDecoder().decode(chunk);
  await body.close();
  return text;
}

/** A form upload's body with the boundary "b". */
export function formOf(fields: Readonly<Record<string, string>>, file: string, name = "f.txt"): string {
  const part = (head: string, body: string): string =>
    `--b\r\nContent-Disposition: form-data; ${head}\r\n\r\n${body}\r\n`;
  const all = Object.entries(fields).map(([field, value]) => part(`name="${field}"`, value));
  return `${all.join("")}${part(`name="file"; filename="${name}"`, file)}--b--\r\n`;
}
