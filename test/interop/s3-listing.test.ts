// The reference's negative checklist, 1 to 6: listings on the wire. No peer is needed.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { readdirSync, truncateSync } from "node:fs";
import { join } from "node:path";
import { noise } from "./s3d.ts";
import { all, startWire, type Wire } from "./s3-wire.ts";

const at: { wire: Wire } = {} as never;
const ask: Wire["ask"] = (...of) => at.wire.ask(...of);

const keys = [
  "a",
  "a/1",
  "a/2",
  "a:b",
  "aé",
  "b/",
  "b/x/y",
  "b/x/z",
  "c d",
  "c+d",
  "c%20d",
  "z\u{1f600}",
  "z\uffee",
];
const inOrder = keys.toSorted((x, y) => Buffer.compare(Buffer.from(x), Buffer.from(y)));
const path = (key: string): string => `/list/${key.split("/").map(encodeURIComponent).join("/")}`;

beforeAll(async () => {
  at.wire = await startWire();
  await ask("PUT", "/list");
  for (const key of keys) expect((await ask("PUT", path(key), { body: key })).status).toBe(200);
});
afterAll(() => at.wire[Symbol.asyncDispose]());

const plain = (text: string): string => decodeURIComponent(text);

for (const size of [1, 2, 1000]) {
  test(`1: V2 in pages of ${size} gives every key exactly once, in byte order`, async () => {
    const seen: string[] = [];
    for (let token: string | undefined = ""; token !== undefined;) {
      const more: string = token === "" ? "" : `&continuation-token=${encodeURIComponent(token)}`;
      const page = await ask("GET", `/list?list-type=2&max-keys=${size}&encoding-type=url${more}`);
      seen.push(...all(page.text, "Key").map(plain));
      token = all(page.text, "NextContinuationToken")[0];
    }
    expect(seen).toEqual(inOrder);
  });

  test(`1: V1 in pages of ${size} with a delimiter gives every key and prefix exactly once`, async () => {
    const seen: string[] = [];
    for (let marker: string | undefined = ""; marker !== undefined;) {
      const more: string = marker === "" ? "" : `&marker=${encodeURIComponent(marker)}`;
      const page = await ask("GET", `/list?delimiter=%2F&max-keys=${size}&encoding-type=url${more}`);
      seen.push(...all(page.text, "Key").map(plain));
      seen.push(...[...page.text.matchAll(/<CommonPrefixes><Prefix>([^<]*)/g)].map((m) => plain(m[1]!)));
      marker = all(page.text, "NextMarker").map(plain)[0];
    }
    const top = inOrder.filter((key) => !key.includes("/"));
    expect(seen.toSorted()).toEqual([...top, "a/", "b/"].toSorted());
  });

  test(`2: versions in pages of ${size}, each exactly once, newest first`, async () => {
    const bucket = `versions-${size}`;
    await ask("PUT", `/${bucket}`);
    const on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    await ask("PUT", `/${bucket}?versioning`, { body: on });
    const made: string[] = [];
    for (const key of ["k", "k/1", "l"]) {
      const mine: string[] = [];
      for (let i = 0; i < 3; i++) {
        const put = await ask("PUT", `/${bucket}/${key}`, { body: `${i}` });
        mine.unshift(put.headers.get("x-amz-version-id")!);
      }
      mine.unshift((await ask("DELETE", `/${bucket}/${key}`)).headers.get("x-amz-version-id")!);
      made.push(...mine);
    }
    const seen: string[] = [];
    for (let more: string | undefined = ""; more !== undefined;) {
      const page = await ask("GET", `/${bucket}?versions&max-keys=${size}${more}`);
      seen.push(...all(page.text, "VersionId"));
      const [key] = all(page.text, "NextKeyMarker");
      const [id] = all(page.text, "NextVersionIdMarker");
      more = key === undefined ? undefined : `&key-marker=${encodeURIComponent(key)}&version-id-marker=${id}`;
    }
    expect(seen).toEqual(made);
  });
}

test("3: one key is never another's beginning", async () => {
  expect((await ask("GET", path("a"))).text).toBe("a");
  expect((await ask("GET", path("a:b"))).text).toBe("a:b");
  expect((await ask("GET", path("c+d"))).text).toBe("c+d");
  expect((await ask("GET", path("c%20d"))).text).toBe("c%20d");
  expect((await ask("DELETE", path("a:"))).status).toBe(204);
  expect((await ask("GET", path("a:b"))).text).toBe("a:b");
});

test("4: uploads are listed by their prefix alone", async () => {
  for (const key of ["up/1", "up/2", "upper", "other"]) {
    expect((await ask("POST", `/list/${key}?uploads`)).status).toBe(200);
  }
  const found = await ask("GET", "/list?uploads&prefix=up%2F");
  expect(all(found.text, "Key")).toEqual(["up/1", "up/2"]);
  const first = await ask("GET", "/list?uploads&max-uploads=1");
  expect([all(first.text, "Key"), all(first.text, "IsTruncated")]).toEqual([["other"], ["true"]]);
});

test("5: a key that is not there is looked up, not looked for", async () => {
  const seconds = async (): Promise<number> => {
    const times: number[] = [];
    for (let i = 0; i < 15; i++) {
      const began = performance.now();
      expect((await ask("HEAD", "/many/key-none")).status).toBe(404);
      times.push(performance.now() - began);
    }
    return times.toSorted((x, y) => x - y)[7]!;
  };
  await ask("PUT", "/many");
  const few = await seconds();
  const catalog = new Database(join(at.wire.s3d.data, "catalog.db"));
  const template = catalog.query<Record<string, unknown>, []>("SELECT * FROM versions LIMIT 1").get()!;
  const bucket = catalog
    .query<{ id: number | string }, []>("SELECT id FROM buckets WHERE name = 'many'")
    .get()!.id;
  const columns = Object.keys(template);
  const row = catalog.prepare(
    `INSERT INTO versions(${columns.join(",")}) VALUES(${columns.map(() => "?").join(",")})`,
  );
  catalog.transaction(() => {
    for (let i = 0; i < 50_000; i++) {
      const of: Record<string, unknown> = { ...template, bucket, key: `key-${i}` };
      row.run(...(columns.map((name) => of[name]) as never[]));
    }
  })();
  catalog.close();
  expect(await seconds()).toBeLessThan(few * 5 + 5);
}, 600_000);

test("6: what cannot be read is an error, never a short answer", async () => {
  await ask("PUT", "/list/large", { body: noise(3_000_000) });
  const blobs = join(at.wire.s3d.data, "blobs");
  const files = readdirSync(blobs, { recursive: true, withFileTypes: true }).filter((f) => f.isFile());
  for (const file of files) truncateSync(join(file.parentPath, file.name), 1000);
  const got = await ask("GET", "/list/large").then(
    (answer) => answer.code,
    () => "cut",
  );
  expect(["cut", "InternalError"]).toContain(got);
  expect(all((await ask("GET", "/list?prefix=large")).text, "Key")).toEqual(["large"]);
});
