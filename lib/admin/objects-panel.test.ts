import { expect, test } from "bun:test";
import { must } from "../base/result.ts";
import { houseActor } from "../rules/identity.ts";
import { trialHouse } from "./trial-house.ts";
import type { FolderPage, ObjectView } from "./objects-panel.ts";

const plain = { contentType: "text/plain", headers: {}, metadata: {}, tags: {}, modifiedAt: undefined };
const at = "/api/v1/buckets/ada-bucket";

async function house(versioning: "off" | "enabled" = "off") {
  const trial = await trialHouse();
  const { objects, ada } = trial;
  if (versioning === "enabled") must(await objects.changeBucket(houseActor, "ada-bucket", { versioning }));
  const put = async (key: string, text: string) => {
    const bytes = new TextEncoder().encode(text);
    const chunks = (async function* () {
      yield bytes;
    })();
    const facts = { ...plain, digests: [], expect: () => ({}), when: {} };
    const source = { size: bytes.length, chunks };
    return must(await objects.put(houseActor, { bucket: "ada-bucket", key }, source, facts));
  };
  const get = async <T>(path: string): Promise<T> => {
    const answer = await trial.ask("GET", `${at}${path}`, { token: ada.token });
    expect(answer.status).toBe(200);
    return (await answer.json()) as T;
  };
  return { ...trial, put, get };
}

test("a folder is told with its folders, page after page, or all that lies beneath it", async () => {
  const { put, get } = await house();
  for (const key of ["a/1", "a/2", "b.txt", "c/d/e", "z"]) await put(key, key);
  const top = await get<FolderPage>("/objects");
  expect(top.folders).toEqual(["a/", "c/"]);
  expect(top.rows.map(({ key }) => key)).toEqual(["b.txt", "z"]);
  expect(top.rows[0]).toMatchObject({ size: 5, contentType: "text/plain", latest: true, removed: false });
  expect((await get<FolderPage>("/objects?prefix=a/")).rows.map(({ key }) => key)).toEqual(["a/1", "a/2"]);
  const seen: string[] = [];
  for (let next: string | null = ""; next !== null;) {
    const cursor: string = next === "" ? "" : `&cursor=${next}`;
    const page: FolderPage = await get<FolderPage>(`/objects?deep=true&limit=2${cursor}`);
    seen.push(...page.rows.map(({ key }) => key));
    next = page.next;
  }
  expect(seen).toEqual(["a/1", "a/2", "b.txt", "c/d/e", "z"]);
});

test("bytes are always saved, never shown, whatever their name and type", async () => {
  const { put, ask, ada } = await house();
  await put("é/o'brien (1).html", "<script>");
  const key = encodeURIComponent("é/o'brien (1).html");
  const answer = await ask("GET", `${at}/object?key=${key}`, { token: ada.token });
  expect(await answer.text()).toBe("<script>");
  expect(answer.headers.get("content-type")).toBe("application/octet-stream");
  expect(answer.headers.get("content-length")).toBe("8");
  expect(answer.headers.get("content-disposition")).toBe(
    "attachment; filename*=UTF-8''o%27brien%20%281%29.html",
  );
  expect((await ask("GET", `${at}/object?key=nothing`, { token: ada.token })).status).toBe(404);
});

test("an older version is fetched, brought back, and removed for good; the trail tells it", async () => {
  const { put, get, ask, ada, told } = await house("enabled");
  const first = await put("k", "first");
  await put("k", "second");
  const fetched = await ask("GET", `${at}/object?key=k&version=${first.version}`, { token: ada.token });
  expect(await fetched.text()).toBe("first");
  const body = { key: "k", version: first.version };
  expect((await ask("POST", `${at}/object/restore`, { token: ada.token, body })).status).toBe(200);
  expect(await (await ask("GET", `${at}/object?key=k`, { token: ada.token })).text()).toBe("first");
  const versions = await get<{ rows: ObjectView[] }>("/versions?key=k");
  expect(versions.rows.map(({ latest }) => latest)).toEqual([true, false, false]);
  expect((await ask("DELETE", `${at}/object?key=k`, { token: ada.token })).status).toBe(204);
  expect((await ask("GET", `${at}/object?key=k`, { token: ada.token })).status).toBe(404);
  const gone = `${at}/object?key=k&version=${first.version}`;
  expect((await ask("DELETE", gone, { token: ada.token })).status).toBe(204);
  expect((await get<{ rows: ObjectView[] }>("/versions?key=k")).rows).toHaveLength(3);
  const said = told.map(({ verb, target, outcome }) => [verb, target, outcome]);
  expect(said.slice(-3)).toEqual([
    ["object.write", "ada-bucket/k", "ok"],
    ["object.delete", "ada-bucket/k", "ok"],
    ["object.delete", "ada-bucket/k", "ok"],
  ]);
});

test("a grant on a prefix is enough for what lies there, and for nothing else", async () => {
  const { put, ask, ulf, identities } = await house();
  await put("shared/x", "x");
  await put("own/y", "y");
  const status = async (method: string, path: string) =>
    (await ask(method, `${at}${path}`, { token: ulf.token })).status;
  expect(await status("GET", "/objects")).toBe(403);
  must(
    await identities.addGrant(houseActor, {
      tenant: "main",
      effect: "allow",
      who: { user: ulf.user.id },
      verbs: ["object.read", "object.list"],
      bucket: "ada-bucket",
      prefix: "shared/",
    }),
  );
  expect(await status("GET", "/objects?prefix=shared/")).toBe(200);
  expect(await status("GET", "/object?key=shared/x")).toBe(200);
  expect(await status("GET", "/object?key=own/y")).toBe(403);
  expect(await status("DELETE", "/object?key=shared/x")).toBe(403);
});
