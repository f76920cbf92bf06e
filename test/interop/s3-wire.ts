// Requests on the daemon's own socket, signed by whoever the test says; and the house behind it.
import { Database } from "bun:sqlite";
import { join } from "node:path";
import { must } from "../../lib/base/result.ts";
import { systemClock } from "../../lib/host/clock.ts";
import { systemEntropy } from "../../lib/host/entropy.ts";
import { signRequest, type Credentials } from "../../lib/proto/s3/sign.ts";
import { houseActor, type Role, type User } from "../../lib/rules/identity.ts";
import { openStore, type Store } from "../../lib/store/open.ts";
import { silentLog } from "../../lib/watch/log.ts";
import { startS3d, type S3d } from "./s3d.ts";

export interface WireAsk {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
  /** Default: the first administrator. */
  readonly by?: Credentials | "nobody";
}

export interface WireGot {
  readonly status: number;
  readonly text: string;
  /** The error's code, or the status where there is none. */
  readonly code: string;
  readonly headers: Headers;
}

export interface Wire extends AsyncDisposable {
  readonly s3d: S3d;
  readonly admin: Credentials;
  /** The same data directory, opened by the test's own process. */
  readonly store: Store;
  ask(method: string, target: string, how?: WireAsk): Promise<WireGot>;
  person(name: string, role?: Role, tenant?: string): Promise<{ user: User; by: Credentials }>;
  /** Another customer of the house. */
  tenant(id: string): void;
}

export async function startWire(flags: readonly string[] = []): Promise<Wire> {
  const s3d = await startS3d(flags);
  const store = await openStore(s3d.data, {
    clock: systemClock(),
    entropy: systemEntropy(),
    log: silentLog,
  });
  const admin = { keyId: s3d.keyId, secret: s3d.secret, region: "us-east-1" };
  return {
    s3d,
    admin,
    store,
    ask: (method, target, how = {}) => ask(s3d, method, target, { by: admin, ...how }),
    async person(name, role = "user", tenant = "main") {
      const rest = { groups: [], home: undefined, expiresAt: undefined, password: "correct horse battery" };
      const user = must(await store.identities.addUser(houseActor, { tenant, name, role, ...rest }));
      const { key, secret } = must(await store.identities.addKey(houseActor, user.id));
      return { user, by: { keyId: key.id, secret, region: "us-east-1" } };
    },
    tenant(id) {
      const catalog = new Database(join(s3d.data, "catalog.db"));
      catalog.run("INSERT INTO tenants VALUES(?, ?, 0)", [id, id]);
      catalog.close();
    },
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await s3d[Symbol.asyncDispose]();
    },
  };
}

async function ask(s3d: S3d, method: string, target: string, how: WireAsk): Promise<WireGot> {
  const plain = { host: `127.0.0.1:${s3d.port}`, ...how.headers };
  const headers =
    how.by === "nobody" || !how.by
      ? plain
      : signRequest({ method, target, headers: plain }, how.by, Date.now());
  const answer = await fetch(s3d.endpoint + target, {
    method,
    headers,
    redirect: "manual",
    ...(how.body === undefined ? {} : { body: how.body }),
  });
  const text = await answer.text();
  const code = /<Code>(\w+)</.exec(text)?.[1] ?? String(answer.status);
  return { status: answer.status, text, code, headers: answer.headers };
}

/** The contents of every element of that name. */
export const all = (text: string, element: string): string[] =>
  [...text.matchAll(new RegExp(`<${element}>([^<]*)</${element}>`, "g"))].map((m) => m[1]!);
