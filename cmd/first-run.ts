import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../lib/base/time.ts";
import type { Entropy } from "../lib/base/entropy.ts";
import { randomText } from "../lib/base/ids.ts";
import { fail, ok, type Result } from "../lib/base/result.ts";
import { houseActor, type User } from "../lib/rules/identity.ts";
import { holdExclusive } from "../lib/store/exclusive.ts";
import { openStore, type Store } from "../lib/store/open.ts";
import type { Log } from "../lib/watch/log.ts";
import type { Credentials } from "./credentials.ts";
import { writeWhole } from "./readiness.ts";

export interface FirstRunNeeds {
  readonly data: string;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
}

/** The tenant of a house that has one, and its first bucket. */
export const mainTenant = "main";
export const homeBucket = "home";

const tokenLabel = "first-run";

/** Where the generated credentials are kept until the operator removes them. */
export const firstRunFile = (data: string): string => join(data, "first-run.json");

/** Opens the store, and provisions it as `provision` does. */
export async function firstRun(needs: FirstRunNeeds): Promise<Result<Credentials>> {
  await using store = await openStore(needs.data, needs);
  return await provision(store, needs);
}

/** Makes sure of the first administrator, their key pair, token and bucket, and gives the credentials: the
 *  same at every start, and by whichever of the daemons comes first. Where the operator has removed the file
 *  they are known to nobody, and come back empty. A start that was cut short is finished by the next one.
 *  Faults: busy, damaged (the file), and the store's. */
export async function provision(
  store: Pick<Store, "identities" | "objects">,
  { data, entropy, log }: FirstRunNeeds,
): Promise<Result<Credentials>> {
  const file = firstRunFile(data);
  const held = await holdExclusive(join(data, "first-run.lock"), 20_000);
  if (!held.ok) return held;
  using _lock = held.value;
  const kept = readCredentials(file);
  if (!kept.ok) return kept;
  if (kept.value?.token) return ok(kept.value);
  const settled = (await store.identities.users(mainTenant, "", 1)).rows.length > 0;
  if (settled && !kept.value) return ok({ ...nothingKnown });
  const fresh = kept.value ?? newCredentials(entropy);
  writeWhole(file, textOf(fresh), 0o600);
  const made = await settle(store, fresh);
  if (!made.ok) return made;
  const credentials = { ...fresh, token: made.value };
  writeWhole(file, textOf(credentials), 0o600);
  log.info("first administrator made", { user: credentials.user, file });
  return ok(credentials);
}

const nothingKnown: Credentials = {
  user: "admin",
  password: "",
  accessKeyId: "",
  secretAccessKey: "",
  token: "",
};

const textOf = (credentials: Credentials): string => `${JSON.stringify(credentials, undefined, 2)}\n`;

/** A hundred random bits to type: "k7wq9-d3m2x-…". */
export const newPassword = (entropy: Entropy): string =>
  (randomText(entropy, 20).match(/.{5}/g) ?? []).join("-");

function newCredentials(entropy: Entropy): Credentials {
  return {
    user: "admin",
    password: newPassword(entropy),
    accessKeyId: `AKIA${randomText(entropy, 16).toUpperCase()}`,
    secretAccessKey: randomText(entropy, 40),
    token: "",
  };
}

function readCredentials(file: string): Result<Credentials | undefined> {
  if (!existsSync(file)) return ok(undefined);
  try {
    const read = JSON.parse(readFileSync(file, "utf8")) as Credentials;
    const names = ["user", "password", "accessKeyId", "secretAccessKey", "token"] as const;
    if (names.every((name) => typeof read[name] === "string")) return ok(read);
  } catch {
    // told below: it does not matter in which way it cannot be read
  }
  return fail("damaged", "the first credentials cannot be read", {
    where: file,
    mend: "remove the file; set a new password with: holdfast user passwd admin",
  });
}

/** Each step finds out whether an earlier start has taken it. Gives the token. */
async function settle(
  { identities, objects }: Pick<Store, "identities" | "objects">,
  credentials: Credentials,
): Promise<Result<string>> {
  const by = houseActor;
  const user = await firstUser(identities, credentials);
  if (!user.ok) return user;
  const { id } = user.value;
  const keys = await identities.keys(id);
  if (!keys.some((key) => key.id === credentials.accessKeyId)) {
    const pair = { id: credentials.accessKeyId, secret: credentials.secretAccessKey };
    const key = await identities.addKey(by, id, undefined, pair);
    if (!key.ok) return key;
  }
  const bucket = await objects.createBucket(by, { name: homeBucket, tenant: mainTenant, owner: id });
  if (!bucket.ok && bucket.fault.code !== "exists") return bucket;
  for (const token of await identities.tokens(id))
    if (token.label === tokenLabel) await identities.removeToken(by, token.id);
  const token = await identities.addToken(by, id, tokenLabel);
  return token.ok ? ok(token.value.text) : token;
}

async function firstUser(
  identities: Store["identities"],
  { user, password }: Credentials,
): Promise<Result<User>> {
  const added = await identities.addUser(houseActor, {
    tenant: mainTenant,
    name: user,
    role: "admin",
    groups: [],
    home: { bucket: homeBucket, prefix: "" },
    expiresAt: undefined,
    password,
  });
  const exists = !added.ok && added.fault.code === "exists";
  return exists ? await identities.userNamed(mainTenant, user) : added;
}
