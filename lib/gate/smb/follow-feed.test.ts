import { expect, test } from "bun:test";
import { asUnixMs } from "../../base/time.ts";
import type { Change, ChangeFeed, ChangeKind } from "../../store/feed.ts";
import { trialNeeds } from "../../../test/smb/trial-server.ts";
import { followFeed } from "./follow-feed.ts";
import { SmbHouse } from "./house.ts";

const change = (seq: number, kind: ChangeKind, subject: string, more: Partial<Change> = {}): Change => ({
  seq,
  at: asUnixMs(0),
  kind,
  tenant: "t",
  bucket: "home",
  subject,
  version: "",
  size: 0,
  etag: "",
  from: "",
  how: "",
  by: "alice",
  door: "s3",
  address: "",
  request: "",
  ...more,
});

function feedOf(changes: readonly Change[], ended: () => void): ChangeFeed {
  return {
    read: async (after) => changes.filter((one) => one.seq > after),
    head: async () => 0,
    wait: async (after) => (after >= changes.length ? ended() : undefined),
    cursor: async () => 0,
    saveCursor: async () => {},
  };
}

test("what other doors do is told to the places it lies in, as paths from there", async () => {
  const house = new SmbHouse(trialNeeds(), new Uint8Array(16));
  const told: [string, string, number][] = [];
  house.tell = (place, events) => {
    for (const { path, action } of events) told.push([place, path.join("\\"), action]);
  };
  house.nodeOf("home/", ["x"], false);
  house.nodeOf("home/team/", ["y"], false);
  const changes = [
    change(1, "object.created", "team/a/b.txt"),
    change(2, "object.removed", "c"),
    change(3, "object.moved", "team/new", { from: "old" }),
    change(4, "object.created", "other", { bucket: "elsewhere" }),
    change(5, "object.created", "mine", { door: "smb" }),
  ];
  const stop = new AbortController();
  await followFeed(
    house,
    feedOf(changes, () => stop.abort()),
    stop.signal,
  );
  expect(told).toEqual([
    ["home/", "team\\a\\b.txt", 1],
    ["home/team/", "a\\b.txt", 1],
    ["home/", "c", 2],
    ["home/", "old", 2],
    ["home/", "team\\new", 1],
    ["home/team/", "new", 1],
  ]);
});
