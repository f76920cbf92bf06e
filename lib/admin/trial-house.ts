import { seededEntropy } from "../base/entropy.ts";
import { fail, must, ok } from "../base/result.ts";
import { handClock, type Clock } from "../base/time.ts";
import type { AuditEntry } from "../rules/audit.ts";
import { Secret } from "../config/secret.ts";
import { houseActor, type User } from "../rules/identity.ts";
import { memoryIdentities } from "../store/memory-identities.ts";
import { memoryObjects } from "../store/memory-objects.ts";
import { silentLog } from "../watch/log.ts";
import { adminApp } from "./app.ts";
import { auditPanel, type AuditBook } from "./audit-panel.ts";
import { bucketsPanel } from "./buckets-panel.ts";
import { configurationPanel } from "./configuration-panel.ts";
import { daemonsPanel } from "./daemons-panel.ts";
import { eventsPanel } from "./events-panel.ts";
import { grantsPanel } from "./grants-panel.ts";
import { keysPanel } from "./keys-panel.ts";
import { mePanel } from "./me-panel.ts";
import type { AdminCore, Peer } from "./needs.ts";
import { momentText, type AdminPanel } from "./panel.ts";
import { sessionsPanel, type SessionRow } from "./sessions-panel.ts";
import { signInPanel } from "./sign-in.ts";
import { guardObjects } from "../store/guard.ts";
import { objectsPanel } from "./objects-panel.ts";
import { statusPanel } from "./status-panel.ts";
import { trialFeed } from "./trial-feed.ts";
import { usersPanel } from "./users-panel.ts";

/** How a test asks; without `token` and `local` it is nobody. */
export interface TrialAsk {
  readonly token?: string;
  readonly local?: boolean;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly address?: string;
}

const about = (clock: Clock) => ({
  service: "s3d",
  version: "0.0.0",
  pid: 1,
  startedAt: momentText(clock.wall() - 65_000),
  now: momentText(clock.wall()),
  ready: true,
  waiting: [],
});

const setting = { doc: "A setting.", bounds: "", reload: "live", initial: "10m" } as const;

const book: AuditBook = {
  chains: async () => ["trial"],
  page: async (_daemon, after) =>
    after === "bad"
      ? fail("invalid", "the cursor is not one of ours")
      : ok({ rows: ['{"seq":1,"at":"","daemon":"trial","verb":"sign-in"}'], next: undefined }),
  prove: async () => ok({ key: "0123456789abcdef", chains: [] }),
};

/** What a daemon adds to the house's panels. */
const daemonPanels = (sessions: SessionRow[]): AdminPanel[] => [
  auditPanel({ service: "trial", book }),
  sessionsPanel([
    {
      list: () => sessions,
      end: (id) => sessions.some((row, at) => row.id === id && sessions.splice(at, 1).length > 0),
    },
  ]),
  configurationPanel({
    running: () => ({ ftp: { key: new Secret("swordfish") } }),
    origins: async () => ({ origins: {}, files: [] }),
    settings: () => [
      { ...setting, setting: "ftp.idleTimeout", kind: "duration", text: "10m" },
      { ...setting, setting: "log.file", kind: "path", text: "" },
    ],
    change: async (_setting, text) =>
      ok(text === "5m" ? [] : [{ what: "bad", at: { source: "request", line: 1 } }]),
    check: async (text) => (text === "good" ? [] : [{ what: "bad", at: { source: "request", line: 1 } }]),
    reload: async () => [],
  }),
];

const noUsage = async () => fail("not-found", "there is no such bucket");
const noKeys = { key: async () => fail("not-found", "there is no such key") };

/** A whole house in memory, for the tests of the API: one tenant, the administrator `ada` and the user `ulf`,
 *  a bucket of each, and a token of each. */
export async function trialHouse(more: readonly AdminPanel[] = []) {
  const clock = handClock();
  const entropy = seededEntropy(7);
  const identities = memoryIdentities(clock, entropy);
  const objects = memoryObjects({ clock, entropy });
  const told: AuditEntry[] = [];
  const feed = trialFeed();
  const sessions: SessionRow[] = [];
  const who = { tenant: "main", service: "trial", version: "0.0.0", pid: 1 };
  const needs = { clock, identities, objects, keyRing: noKeys, storedUsage: noUsage, ...who };
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
    mePanel(needs),
    usersPanel(needs),
    keysPanel(needs),
    grantsPanel(needs),
    bucketsPanel(needs),
    objectsPanel({ objectsFor: (by) => guardObjects(objects, identities, by, clock) }),
    eventsPanel({ feed, beatMs: 20, lastsMs: 500 }),
    ...daemonPanels(sessions),
    daemonsPanel(async () => [{ ...about(clock), listening: [{ name: "s3", address: "127.0.0.1:9000" }] }]),
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
  return { feed, sessions, app, ask, ada, ulf, clock, core, panels, identities, objects, told };
}
