import { readNotification, targetOfArn, type NotificationRule } from "../../proto/s3/notification.ts";
import { parseXmlText } from "../../proto/s3/xml-walk.ts";
import type { Change, ChangeFeed } from "../../store/feed.ts";
import type { Bucket, Objects } from "../../store/objects.ts";
import type { NewLetter, Outbox } from "../../store/outbox.ts";
import { eventMessage, eventsOf, wants } from "./event-record.ts";

/** Turns one change of a bucket into what is to be sent because of it. */
export type Writer = (change: Change, bucket: Bucket) => readonly NewLetter[];

export interface CollectorNeeds {
  readonly objects: Pick<Objects, "bucket" | "buckets">;
  readonly feed: ChangeFeed;
  readonly outbox: Pick<Outbox, "add">;
  /** In turn; `documents` are the bucket documents that make a bucket matter to any of them. */
  readonly writers: readonly Writer[];
  readonly documents: readonly string[];
}

const reader = "s3-letters";
const pageRows = 500;
/** A position without letters is kept this often: what is read again makes the same letters, none. */
const keepRows = 10_000;

/** Reads the change feed, by whichever door a change came, and writes the letters that the buckets'
 *  configurations ask for. The position moves with the letters in one transaction. */
export class EventCollector {
  readonly #needs: CollectorNeeds;
  readonly #configured = new Set<string>();
  #after = 0;
  #kept = 0;

  constructor(needs: CollectorNeeds) {
    this.#needs = needs;
  }

  /** Finds out where it was, and which buckets matter. The first time of all it begins with now. */
  async begin(tenants: readonly string[]): Promise<void> {
    const { feed, objects } = this.#needs;
    for (const tenant of tenants) {
      let after: string | undefined = "";
      while (after !== undefined) {
        const page: Awaited<ReturnType<Objects["buckets"]>> = await objects.buckets(tenant, after, 1000);
        for (const bucket of page.rows) if (this.#matters(bucket)) this.#configured.add(bucket.name);
        after = page.next;
      }
    }
    this.#after = (await feed.cursor(reader)) || (await feed.head());
    await this.#keep();
  }

  /** A bucket was given a configuration: its changes are looked at from now on. */
  configured(bucket: string): void {
    this.#configured.add(bucket);
  }

  /** Resolves when there may be something to collect, or `signal` aborts. */
  async wait(signal: AbortSignal): Promise<void> {
    await this.#needs.feed.wait(this.#after, signal);
  }

  /** Reads a page; gives the queues that have new letters. */
  async collect(): Promise<ReadonlySet<string>> {
    const { feed, outbox } = this.#needs;
    const head = await feed.head();
    if (this.#configured.size === 0) {
      this.#after = Math.max(head, this.#after);
      if (this.#after - this.#kept > keepRows) await this.#keep();
      return new Set();
    }
    const changes = await feed.read(this.#after, pageRows);
    const letters: NewLetter[] = [];
    const buckets = new Map<string, Bucket | undefined>();
    for (const change of changes) {
      if (!this.#configured.has(change.bucket)) continue;
      const bucket = await this.#bucket(change.bucket, buckets);
      if (bucket) for (const write of this.#needs.writers) letters.push(...write(change, bucket));
    }
    this.#after = changes.at(-1)?.seq ?? this.#after;
    if (letters.length > 0) {
      await outbox.add(letters, { name: reader, seq: this.#after });
      this.#kept = this.#after;
    } else if (this.#after - this.#kept > keepRows) await this.#keep();
    return new Set(letters.map(({ queue }) => queue));
  }

  /** Keeps the position: at the end of a run. */
  async end(): Promise<void> {
    if (this.#after > this.#kept) await this.#keep();
  }

  async #bucket(name: string, known: Map<string, Bucket | undefined>): Promise<Bucket | undefined> {
    if (!known.has(name)) {
      const found = await this.#needs.objects.bucket(name);
      known.set(name, found.ok ? found.value : undefined);
      if (!found.ok || !this.#matters(found.value)) this.#configured.delete(name);
    }
    return known.get(name);
  }

  readonly #matters = (bucket: Bucket): boolean =>
    this.#needs.documents.some((name) => bucket.documents[name] !== undefined);

  async #keep(): Promise<void> {
    await this.#needs.feed.saveCursor(reader, this.#after);
    this.#kept = this.#after;
  }
}

export const notificationDocument = "notification";
/** When the configuration was put, in ms since 1970: what happened before is not told. */
export const notificationSince = "notification-since";

/** The letters that notification configurations ask for. `region` is the records' own. */
export function notificationWriter(region: string, knows: (target: string) => boolean): Writer {
  const read = new Map<string, readonly NotificationRule[]>();
  const rulesOf = (text: string): readonly NotificationRule[] => {
    const known = read.get(text);
    if (known) return known;
    const root = parseXmlText(text);
    const rules = root && readNotification(root);
    const value = rules?.ok ? rules.value : [];
    if (read.size > 256) read.clear();
    read.set(text, value);
    return value;
  };
  return (change, bucket) => {
    const text = bucket.documents[notificationDocument];
    if (text === undefined || change.at < Number(bucket.documents[notificationSince] ?? 0)) return [];
    const letters: NewLetter[] = [];
    for (const event of eventsOf(change)) {
      for (const rule of rulesOf(text)) {
        const target = targetOfArn(rule.arn);
        if (target === undefined || !knows(target) || !wants(rule, event)) continue;
        const about = `${event.name} ${bucket.name}/${event.key}`;
        const body = eventMessage(event, bucket, rule, region);
        letters.push({ queue: notifyQueue(target), at: change.at, about, body });
      }
    }
    return letters;
  };
}

export const notifyQueue = (target: string): string => `notify:${target}`;
