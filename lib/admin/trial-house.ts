import { seededEntropy } from "../base/entropy.ts";
import { must } from "../base/result.ts";
import { handClock } from "../base/time.ts";
import type { AuditEntry } from "../rules/audit.ts";
import { houseActor, type User } from "../rules/identity.ts";
import { memoryIdentities } from "../store/memory-identities.ts";
import { memoryObjects } from "../store/memory-objects.ts";
import { silentLog } from "../watch/log.ts";
import { adminApp } from "./app.ts";
import { bucketsPanel } from "./buckets-panel.ts";
import { grantsPanel } from "./grants-panel.ts";
import { keysPanel } from "./keys-panel.ts";
import type { AdminCore, Peer } from "./needs.ts";
import type { AdminPanel } from "./panel.ts";
import { signInPanel } from "./sign-in.ts";
import { statusPanel } from "./status-panel.ts";
import { usersPanel } from "./users-panel.ts";

/** How a test asks; without `token` and `local` it is nobody. */
export interface TrialAsk {
  readonly token?: string;
  readonly local?: boolean;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
}

/** A whole house in memory, for the tests of the API: one tenant, the administrator `ada` and the user `ulf`,
 *  a bucket of each, and a token of each. */
export async function trialHouse(more: readonly AdminPanel[] = []) {
  const clock = handClock();
  const entropy = seededEntropy(7);
  const identities = memoryIdentities(clock, entropy);
  const objects = memoryObjects({ clock, entropy });
  const told: AuditEntry[] = [];
  const needs = { clock, identities, objects, tenant: "main", service: "trial", version: "0.0.0", pid: 1 };
  const core: AdminCore = {
    ...needs,
    entropy,
    log: silentLog,
    audit: { tell: (entry) => void told.push(entry) },
    unready: () => [],
    metrics: () => "# nothing measured\n",
  };
  const panels = [
    signInPanel(needs),
    statusPanel({ ...needs, listening: () => [], unready: () => [] }),
    usersPanel(needs),
    keysPanel(needs),
    grantsPanel(needs),
    bucketsPanel(needs),
    ...more,
  ];
  const app = adminApp(core, panels);
  const person = async (name: string, role: User["role"]): Promise<{ user: User; token: string }> => {
    const password = `${name}'s password`;
    const rest = { tenant: "main", name, role, groups: [], home: undefined, expiresAt: undefined, password };
    const user = must(await identities.addUser(houseActor, rest));
    must(await objects.createBucket(houseActor, { name: `${name}-bucket`, tenant: "main", owner: user.id }));
    return { user, token: must(await identities.addToken(houseActor, user.id, "test")).text };
  };
  const ada = await person("ada", "admin");
  const ulf = await person("ulf", "user");

  const ask = async (method: string, path: string, how: TrialAsk = {}): Promise<Response> => {
    const headers = new Headers(how.headers);
    if (how.token) headers.set("authorization", `Bearer ${how.token}`);
    if (how.body !== undefined && !headers.has("content-type"))
      headers.set("content-type", "application/json");
    const body = typeof how.body === "string" ? how.body : JSON.stringify(how.body);
    const peer: Peer = { address: how.address ?? "192.0.2.1", local: how.local ?? false };
    return await app.request(
      path,
      { method, headers, ...(how.body === undefined ? {} : { body }) },
      { peer },
    );
  };
  return { app, ask, ada, ulf, clock, core, panels, identities, objects, told };
}
