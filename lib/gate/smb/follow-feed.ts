import type { Path } from "../../base/path.ts";
import { notifyAction, notifyFilter } from "../../proto/smb/notify.ts";
import type { Change, ChangeFeed } from "../../store/feed.ts";
import { bytesChanged } from "./contend.ts";
import type { SmbHouse } from "./house.ts";

const pageRows = 500;

/** Reads the change feed until `signal` aborts, so that what S3 and FTP do wakes who watches a folder, and
 *  nobody goes on reading from memory what another door has replaced. Rejects where the feed does. */
export async function followFeed(house: SmbHouse, feed: ChangeFeed, signal: AbortSignal): Promise<void> {
  let after = await feed.head();
  while (!signal.aborted) {
    await feed.wait(after, signal);
    const changes = signal.aborted ? [] : await feed.read(after, pageRows);
    for (const change of changes) {
      after = change.seq;
      if (change.door !== "smb" && change.bucket !== "") tellOf(house, change);
    }
  }
}

interface Told {
  readonly path: Path;
  readonly action: number;
  readonly what: number;
}

const everything = notifyFilter.fileName | notifyFilter.size | notifyFilter.lastWrite;

function tellOf(house: SmbHouse, change: Change): void {
  for (const place of house.places()) {
    const events = eventsOf(place, change);
    if (events.length === 0) continue;
    for (const { path } of events) {
      const node = house.node(place, path);
      if (node) bytesChanged(house.holds, node, undefined);
    }
    house.folds.forget(place);
    house.tell(place, events);
  }
}

/** What a change looks like from a place: nothing where it lies outside. */
function eventsOf(place: string, change: Change): Told[] {
  const now = pathIn(place, change.bucket, change.subject);
  const event = (path: Path | undefined, action: number): Told[] => {
    if (!path) return [];
    const what = change.subject.endsWith("/") ? notifyFilter.directoryName : everything;
    return [{ path, action, what }];
  };
  switch (change.kind) {
    case "object.created":
      return event(now, notifyAction.added);
    case "object.removed":
    case "object.marked":
      return event(now, notifyAction.removed);
    case "object.described":
      return event(now, notifyAction.modified);
    case "object.moved": {
      const from = pathIn(place, change.bucket, change.from);
      return [...event(from, notifyAction.removed), ...event(now, notifyAction.added)];
    }
    default:
      return [];
  }
}

/** A key as a path beneath "bucket/prefix", or undefined. */
function pathIn(place: string, bucket: string, key: string): Path | undefined {
  const whole = `${bucket}/${key}`;
  if (!whole.startsWith(place)) return undefined;
  const path = whole.slice(place.length).replace(/\/$/, "").split("/");
  return path[0] === "" ? undefined : path;
}
