// The reference's negative checklist, 20 to 30 and 35 to 39: what is kept and counted, on the wire. No peer
// is needed. 21 (kill -9, power cuts) is test/sim/crash.test.ts; 27 is of forwarding, which there is not;
// 31 to 34 are s3-hostile.test.ts; 38 (pragmas read back) is lib/store/catalog/connection.ts itself, at every
// opening; 40 (readiness reflects what it stands on) is lib/admin/app.test.ts.
import { afterAll, beforeAll, expect, test } from "bun:test";
import { Database } from "bun:sqlite";
import { readdirSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { must } from "../../lib/base/result.ts";
import { houseActor } from "../../lib/rules/identity.ts";
import { signRequest } from "../../lib/proto/s3/sign.ts";
import { noise } from "./s3d.ts";
import { all, startWire, type Wire } from "./s3-wire.ts";

const at: { wire: Wire } = {} as never;
const ask: Wire["ask"] = (...of) => at.wire.ask(...of);

beforeAll(async () => {
  at.wire = await startWire(["--s3-stall", "1s"]);
  expect((await ask("PUT", "/keep")).status).toBe(200);
});
afterAll(() => at.wire[Symbol.asyncDispose]());

const versioned = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
const limit = async (bucket: string, bytes?: number, objects?: number): Promise<void> => {
  must(await at.wire.store.objects.changeBucket(houseActor, bucket, { quota: { bytes, objects } }));
};
const usage = async (bucket: string) => must(await at.wire.store.objects.usage(bucket));

/** Sends a signed head with raw framing, and the pieces; what came back until the peer closed. */
function raw(method: string, target: string, framing: string, pieces: readonly string[]): Promise<string> {
  const host = `127.0.0.1:${at.wire.s3d.port}`;
  const signed = signRequest({ method, target, headers: { host } }, at.wire.admin, Date.now());
  const lines = Object.entries(signed).map(([name, value]) => `${name}: ${value}\r\n`);
  return new Promise((done) => {
    const socket = connect(at.wire.s3d.port, "127.0.0.1");
    let text = "";
    socket.on("data", (bytes) => (text += bytes.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => done(text));
    socket.write(`${method} ${target} HTTP/1.1\r\n${lines.join("")}${framing}Connection: close\r\n\r\n`);
    for (const piece of pieces) socket.write(piece, "latin1");
    setTimeout(() => socket.destroy(), 4000);
  });
}

/** An upload of parts, as far as before its completion. */
async function parted(target: string, parts: readonly Uint8Array[]): Promise<{ id: string; list: string }> {
  const id = all((await ask("POST", `${target}?uploads`)).text, "UploadId")[0]!;
  let list = "";
  for (const [i, body] of parts.entries()) {
    const put = await ask("PUT", `${target}?partNumber=${i + 1}&uploadId=${id}`, { body });
    list += `<Part><PartNumber>${i + 1}</PartNumber><ETag>${put.headers.get("etag") ?? "none"}</ETag></Part>`;
  }
  return { id, list: `<CompleteMultipartUpload>${list}</CompleteMultipartUpload>` };
}

test("20: what fails to replace an object leaves it", async () => {
  await ask("PUT", "/keep/old", { body: "old" });
  const { id, list } = await parted("/keep/old", [noise(100), noise(100, 2)]);
  const complete = `/keep/old?uploadId=${id}`;
  expect((await ask("POST", complete, { body: list })).code).toBe("EntityTooSmall");
  expect((await ask("POST", complete, { body: list.replace(/<ETag>[^<]*/, "<ETag>wrong") })).code).toBe(
    "InvalidPart",
  );
  expect((await ask("GET", "/keep/old")).text).toBe("old");
  const cut = await raw("PUT", "/keep/old", "Content-Length: 1000\r\n", ["short"]);
  expect(cut).toContain("<Code>RequestTimeout</Code>");
  const wrong = { headers: { "content-md5": "AAAAAAAAAAAAAAAAAAAAAA==" }, body: "new" };
  expect((await ask("PUT", "/keep/old", wrong)).code).toBe("BadDigest");
  await limit("keep", (await usage("keep")).bytes);
  expect((await ask("PUT", "/keep/old", { body: "longer than before" })).code).toBe("QuotaExceeded");
  await limit("keep");
  expect((await ask("GET", "/keep/old")).text).toBe("old");
  expect((await ask("GET", `/keep/old?uploadId=${id}`)).status).toBe(200);
});

test("22: deleting a folder's key keeps what is in it", async () => {
  await ask("PUT", "/keep/dir/", { body: "" });
  await ask("PUT", "/keep/dir/x", { body: "x" });
  expect((await ask("DELETE", "/keep/dir/")).status).toBe(204);
  expect((await ask("GET", "/keep/dir/x")).text).toBe("x");
});

test("23: no key is the house's own", async () => {
  const keys = [
    ".versions/a",
    ".uploads/1",
    "a.meta",
    "a.tmp",
    ".staging",
    "catalog.db",
    "..",
    ".",
    "~a",
    "a#",
    "xl.meta",
  ];
  for (const key of keys) {
    const target = `/keep/${encodeURIComponent(key).replaceAll(".", "%2E")}`;
    expect([key, (await raw("PUT", target, "Content-Length: 1\r\n", ["k"])).slice(9, 12)]).toEqual([
      key,
      "200",
    ]);
    expect([key, (await raw("GET", target, "", [])).endsWith("\r\n\r\nk")]).toEqual([key, true]);
  }
});

test("24: writers, taggers, lockers and deleters of one key come one after the other", async () => {
  await ask("PUT", "/serial", { headers: { "x-amz-bucket-object-lock-enabled": "true" } });
  const tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
  const hold = "<LegalHold><Status>OFF</Status></LegalHold>";
  const md5 = (body: string) => ({
    "content-md5": new Bun.CryptoHasher("md5").update(body).digest("base64"),
  });
  const all4 = await Promise.all(
    Array.from({ length: 40 }, (_, i) => [
      ask("PUT", "/serial/k", { body: `${i}` }),
      ask("PUT", "/serial/k?tagging", { body: tags, headers: md5(tags) }),
      ask("PUT", "/serial/k?legal-hold", { body: hold, headers: md5(hold) }),
      ask("DELETE", "/serial/k"),
    ]).flat(),
  );
  const known = new Set(["200", "204", "NoSuchKey", "MethodNotAllowed"]);
  expect(all4.map(({ code }) => code).filter((code) => !known.has(code))).toEqual([]);
  const page = (await ask("GET", "/serial?versions")).text;
  expect(page.match(/<Version>/g)).toHaveLength(40);
  expect(page.match(/<DeleteMarker>/g)).toHaveLength(40);
  expect(page.match(/<IsLatest>true/g)).toHaveLength(1);
});

test("25: a body whose record is bent is an error, never other bytes", async () => {
  await ask("PUT", "/keep/bent", { body: "these are the bytes" });
  const catalog = new Database(join(at.wire.s3d.data, "catalog.db"));
  catalog.run(
    "UPDATE blobs SET body = CAST('other' AS BLOB) WHERE id = (SELECT blob FROM versions WHERE key = 'bent')",
  );
  catalog.close();
  expect((await ask("GET", "/keep/bent")).code).toBe("InternalError");
});

test("28, 30: counters equal what is there; two deletes debit once; the empty is reclaimed", async () => {
  await ask("PUT", "/count");
  await Promise.all([0, 1, 2, 3].map((i) => ask("PUT", `/count/${i}`, { body: noise(i * 1000) })));
  await ask("PUT", "/count/3", { body: "smaller" });
  expect(await usage("count")).toEqual({ bytes: 3007, objects: 4 });
  const gone = await Promise.all([1, 1, 1, 0, 0].map((i) => ask("DELETE", `/count/${i}`)));
  expect(gone.every(({ status }) => status === 204)).toBe(true);
  expect(await usage("count")).toEqual({ bytes: 2007, objects: 2 });
  await Promise.all([2, 3].map((i) => ask("DELETE", `/count/${i}`)));
  expect(await usage("count")).toEqual({ bytes: 0, objects: 0 });
  expect((await ask("DELETE", "/count")).status).toBe(204);
});

const statuses = (answers: readonly { code: string }[]): Record<string, number> => {
  const count: Record<string, number> = {};
  for (const { code } of answers) count[code] = (count[code] ?? 0) + 1;
  return count;
};

test("29: a hundred writers against one byte too little: as many as fit, and no more", async () => {
  await ask("PUT", "/quota");
  await limit("quota", 99_999);
  const puts = await Promise.all(
    Array.from({ length: 100 }, (_, i) => ask("PUT", `/quota/${i}`, { body: noise(1000) })),
  );
  expect(statuses(puts)).toEqual({ 200: 99, QuotaExceeded: 1 });
  expect(await usage("quota")).toEqual({ bytes: 99_000, objects: 99 });
});

test("29: the same of chunked bodies, versions, overwrites and the number of objects", async () => {
  const chunked = { "x-amz-content-sha256": "STREAMING-UNSIGNED-PAYLOAD-TRAILER" };
  const crc = new DataView(new ArrayBuffer(4));
  crc.setUint32(0, Bun.hash.crc32("x".repeat(500)));
  const trailer = Buffer.from(crc.buffer).toString("base64");
  const body = `1f4\r\n${"x".repeat(500)}\r\n0\r\nx-amz-checksum-crc32:${trailer}\r\n\r\n`;
  await ask("PUT", "/quotas");
  await ask("PUT", "/quotas?versioning", { body: versioned });
  await limit("quotas", 20_499);
  const host = `127.0.0.1:${at.wire.s3d.port}`;
  const more = { "x-amz-decoded-content-length": "500", "x-amz-trailer": "x-amz-checksum-crc32" };
  const put = async (i: number): Promise<{ code: string }> => {
    const target = `/quotas/${i % 3}`;
    const out = {
      method: "PUT",
      target,
      headers: { host, ...more },
      payload: chunked["x-amz-content-sha256"],
    };
    const headers = signRequest(out, at.wire.admin, Date.now());
    const answer = await fetch(at.wire.s3d.endpoint + target, { method: "PUT", headers, body });
    return { code: /<Code>(\w+)/.exec(await answer.text())?.[1] ?? String(answer.status) };
  };
  expect(statuses(await Promise.all(Array.from({ length: 100 }, (_, i) => put(i))))).toEqual({
    200: 40,
    QuotaExceeded: 60,
  });
  expect((await usage("quotas")).bytes).toBe(20_000);

  await ask("PUT", "/plain");
  await limit("plain", 1500, 1);
  const over = Array.from({ length: 60 }, () => ask("PUT", "/plain/one", { body: noise(800) }));
  expect(statuses(await Promise.all(over))).toEqual({ 200: 60 });
  expect((await ask("PUT", "/plain/two", { body: "x" })).code).toBe("QuotaExceeded");
  expect(await usage("plain")).toEqual({ bytes: 800, objects: 1 });
});

test("29: parts count while they wait, and once when they are joined", async () => {
  await ask("PUT", "/parts");
  await limit("parts", 5_243_900);
  const { id, list } = await parted("/parts/k", [noise(5_242_880), noise(1000)]);
  expect((await usage("parts")).bytes).toBe(5_243_880);
  expect((await ask("PUT", "/parts/l", { body: noise(21) })).code).toBe("QuotaExceeded");
  expect((await ask("POST", `/parts/k?uploadId=${id}`, { body: list })).status).toBe(200);
  expect(await usage("parts")).toEqual({ bytes: 5_243_880, objects: 1 });
  const other = await parted("/parts/l", [noise(10)]);
  expect((await ask("DELETE", `/parts/l?uploadId=${other.id}`)).status).toBe(204);
  expect((await usage("parts")).bytes).toBe(5_243_880);
}, 600_000);

test("35, 36: unknown ranges are ignored, and lists of ETags are read", async () => {
  const etag = (await ask("PUT", "/keep/r", { body: "0123456789" })).headers.get("etag")!;
  for (const range of ["lines=1-2", "bytes=a-b", "bytes=5-2", "bytes=0-1,3-4", "bytes", "bytes=-"]) {
    const got = await ask("GET", "/keep/r", { headers: { range } });
    expect([range, got.status, got.text]).toEqual([range, 200, "0123456789"]);
  }
  expect((await ask("GET", "/keep/r", { headers: { range: "bytes=2-3" } })).text).toBe("23");
  const list = { "if-none-match": `"other", W/${etag}, "more"` };
  expect((await ask("GET", "/keep/r", { headers: list })).status).toBe(304);
  expect((await ask("GET", "/keep/r", { headers: { "if-match": `"a", ${etag}` } })).status).toBe(200);
  expect((await ask("GET", "/keep/r", { headers: { "if-match": '"a", "b"' } })).status).toBe(412);
});

test("39: uploads that fail leave no descriptor, no file, no row", async () => {
  const descriptors = (): number => readdirSync(`/proc/${at.wire.s3d.pid}/fd`).length;
  const rows = (): number => {
    const catalog = new Database(join(at.wire.s3d.data, "catalog.db"), { readonly: true });
    const { n } = catalog.query<{ n: number }, []>("SELECT count(*) AS n FROM blobs").get()!;
    catalog.close();
    return n;
  };
  const wrong = (i: number) =>
    ask("PUT", `/keep/f${i}`, { body: noise(300_000), headers: { "x-amz-checksum-crc32": "AAAAAA==" } });
  expect((await wrong(0)).code).toBe("BadDigest");
  const before = [descriptors(), rows()];
  const failed = await Promise.all(Array.from({ length: 20 }, (_, i) => wrong(i)));
  expect(statuses(failed)).toEqual({ BadDigest: 20 });
  await Bun.sleep(300);
  expect(descriptors()).toBeLessThan(before[0]! + 25); // connections that are kept for the next request
  expect(rows()).toBe(before[1]!);
  const staging = readdirSync(join(at.wire.s3d.data, "staging"), { recursive: true, withFileTypes: true });
  expect(staging.filter((f) => f.isFile() && !f.name.endsWith(".lock"))).toEqual([]);
});

test("26, 37: stopping lets a writer finish, and what was deleted stays so", async () => {
  await ask("PUT", "/keep/gone", { body: "x" });
  expect((await ask("DELETE", "/keep/gone")).status).toBe(204);
  const host = `127.0.0.1:${at.wire.s3d.port}`;
  const target = "/keep/last";
  const signed = signRequest({ method: "PUT", target, headers: { host } }, at.wire.admin, Date.now());
  const head = Object.entries(signed).map(([name, value]) => `${name}: ${value}\r\n`);
  const said = await new Promise<string>((done) => {
    const socket = connect(at.wire.s3d.port, "127.0.0.1");
    let text = "";
    socket.on("data", (bytes) => (text += bytes.toString("latin1")));
    socket.on("error", () => {});
    socket.on("close", () => done(text));
    socket.write(`PUT ${target} HTTP/1.1\r\n${head.join("")}Content-Length: 10\r\n\r\n01234`);
    setTimeout(() => process.kill(at.wire.s3d.pid, "SIGTERM"), 100);
    setTimeout(() => socket.write("56789"), 500);
  });
  expect(said).toStartWith("HTTP/1.1 200 ");
  expect(said.toLowerCase()).toContain("connection: close");
  const kept = must(await at.wire.store.objects.get({ bucket: "keep", key: "last" }));
  expect(Buffer.from(kept.content.bytes!).toString()).toBe("0123456789");
  expect((await at.wire.store.objects.head({ bucket: "keep", key: "gone" })).ok).toBe(false);
});
