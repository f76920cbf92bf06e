import type { Clock } from "../../../lib/base/time.ts";
import {
  replicaLetter,
  replicationRules,
  ruleFor,
  type ReplicaOrder,
} from "../../../lib/gate/s3/replication-rules.ts";
import { fail, ok, type Result } from "../../../lib/base/result.ts";
import type { Destination } from "../../../lib/proto/s3/replication.ts";
import { houseActor } from "../../../lib/rules/identity.ts";
import { replicationStatus } from "../../../lib/store/objects.ts";
import type { Store } from "../../../lib/store/open.ts";
import type { Letter, NewLetter } from "../../../lib/store/outbox.ts";
import type { Carrier } from "../post-office.ts";
import { sent, unreachable, type Delivery } from "../targets/target.ts";
import { askRemote } from "./remote-client.ts";
import { copyFacts, copyMarker, copyObject } from "./send-local.ts";
import { sendFacts, sendMarker, sendObject } from "./send-remote.ts";

type ReplicatorStore = Pick<Store, "objects" | "outbox" | "remotes">;

/** How many versions go to one destination at once. */
const lanes = 8;

/** Carries the orders of one `replicate:` queue. */
export function replicaCarrier(queue: string, store: ReplicatorStore, clock: Clock): Carrier {
  return {
    queue,
    lanes,
    send: (letter) => send(store, clock, JSON.parse(letter.body) as ReplicaOrder),
    arrived: async (letter) => {
      if ((await store.outbox.livingAbout(letter.about)) === 0) await tell(store, letter, "COMPLETED");
    },
    buried: (letter) => tell(store, letter, "FAILED"),
  };
}

async function send(store: ReplicatorStore, clock: Clock, order: ReplicaOrder): Promise<Delivery> {
  const { objects } = store;
  const { bucket: name, key, to } = order;
  const bucket = await objects.bucket(name);
  const found = await objects.head({ bucket: name, key }, order.version);
  // What is gone, or no longer asked for, need not be anywhere else.
  if (!bucket.ok || !found.ok) return sent;
  const version = found.value;
  if (!ruleFor(replicationRules(bucket.value), version, to)) return sent;
  if (version.headers[replicationStatus] === "REPLICA") return sent;
  const { deleteMarker } = version;
  if (to.remote === "") {
    if (order.what === "facts") return deleteMarker ? sent : await copyFacts(objects, version, to);
    return deleteMarker ? await copyMarker(objects, version, to) : await copyObject(objects, version, to);
  }
  const remote = await store.remotes.open(to.remote);
  if (!remote.ok) return unreachable(remote.fault.what);
  const how = { objects, clock, remote: remote.value, to };
  try {
    if (order.what === "facts") return deleteMarker ? sent : await sendFacts(how, version);
    return deleteMarker ? await sendMarker(how, version) : await sendObject(how, version);
  } catch (error) {
    const { code, name: kind } = error as { code?: string; name?: string };
    return unreachable(code ?? (kind === "TimeoutError" ? "no answer in time" : "not reached"));
  }
}

async function tell(store: ReplicatorStore, letter: Letter, replication: string): Promise<void> {
  const { bucket: name, key, version, what, to } = JSON.parse(letter.body) as ReplicaOrder;
  if (what === "marker") return;
  const bucket = await store.objects.bucket(name);
  const found = await store.objects.head({ bucket: name, key }, version);
  if (!bucket.ok || !found.ok || found.value.deleteMarker) return;
  // Its tags may be others than the rule's: then it went nowhere.
  if (!ruleFor(replicationRules(bucket.value), found.value, to)) return;
  const now = found.value.headers[replicationStatus];
  if (now === replication || now === "REPLICA") return;
  await store.objects.describe(houseActor, { bucket: name, key }, version, { replication });
}

/** Why another server cannot be replicated to; undefined where it can. */
export async function refusesDestination(
  store: Pick<Store, "remotes">,
  clock: Clock,
  { remote: name, bucket }: Destination,
): Promise<string | undefined> {
  const remote = await store.remotes.open(name);
  if (!remote.ok) return `There is no server of the name ${name} here.`;
  try {
    const ask = { method: "GET", bucket, key: "", query: { versioning: "" } } as const;
    const { status, text } = await askRemote(remote.value, clock, ask);
    if (status === 404) return "Destination bucket must exist.";
    if (status !== 200) return `The destination's server answered ${status}.`;
    return /<Status>Enabled<\/Status>/.test(text)
      ? undefined
      : "Destination bucket must have versioning enabled.";
  } catch {
    return "The destination's server cannot be reached.";
  }
}

/** Orders everything that a bucket's rules speak of and that is not a replica, oldest version of a key first;
 *  gives how many letters were written. Faults: not-found, invalid (no replication). */
export async function replicateExisting(
  store: Pick<Store, "objects" | "outbox">,
  clock: Clock,
  name: string,
  prefix: string,
): Promise<Result<number>> {
  const bucket = await store.objects.bucket(name);
  if (!bucket.ok) return bucket;
  const rules = replicationRules(bucket.value);
  if (rules.length === 0) return fail("invalid", "the bucket has no replication rule that is on");
  const destinations = new Map(rules.map(({ to }) => [JSON.stringify(to), to]));
  let next: { key: string; version: string } | undefined = { key: "", version: "" };
  let count = 0;
  const ready: NewLetter[] = [];
  const held: NewLetter[] = [];
  let heldKey = "";
  const flush = async (least: number): Promise<void> => {
    // Versions are listed newest first, and must go oldest first.
    ready.push(...held.splice(0).toReversed());
    if (ready.length < least) return;
    count += ready.length;
    await store.outbox.add(ready.splice(0));
  };
  while (next) {
    const ask = { bucket: name, prefix, delimiter: "", limit: 1000 };
    const page = await store.objects.listVersions({ ...ask, after: next.key, afterVersion: next.version });
    if (!page.ok) return page;
    for (const version of page.value.versions) {
      if (version.key !== heldKey) {
        await flush(500);
        heldKey = version.key;
      }
      const status = version.headers[replicationStatus];
      if (status === "REPLICA" || status === "COMPLETED") continue;
      for (const to of destinations.values()) {
        if (!ruleFor(rules, version, to)) continue;
        const what = version.deleteMarker ? "marker" : "object";
        const order = { bucket: name, key: version.key, version: version.version, what, to } as const;
        held.push(replicaLetter(order, clock.wall()));
      }
    }
    next = page.value.next;
  }
  await flush(1);
  return ok(count);
}
