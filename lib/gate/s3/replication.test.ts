import { expect, test } from "bun:test";
import { seededEntropy } from "../../base/entropy.ts";
import { readReplication } from "../../proto/s3/replication.ts";
import { parseXmlText } from "../../proto/s3/xml-walk.ts";
import { ruleFor } from "./replication-rules.ts";
import { trialS3 } from "./trial-s3.ts";

const configuration = (...rules: string[]): string =>
  `<ReplicationConfiguration><Role>r</Role>${rules.join("")}</ReplicationConfiguration>`;
const rule = (inside: string, to = "arn:aws:s3:::dest"): string =>
  `<Rule><Status>Enabled</Status>${inside}<Destination><Bucket>${to}</Bucket></Destination></Rule>`;
const markers = "<DeleteMarkerReplication><Status>Enabled</Status></DeleteMarkerReplication>";
const unmarked = "<DeleteMarkerReplication><Status>Disabled</Status></DeleteMarkerReplication>";

async function house() {
  const trial = await trialS3();
  for (const bucket of ["bkt", "dest", "plain"]) await trial.ask({ method: "PUT", target: `/${bucket}` });
  const body = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
  for (const bucket of ["bkt", "dest"]) {
    await trial.ask({ method: "PUT", target: `/${bucket}?versioning`, body });
  }
  const put = (text: string, bucket = "bkt") =>
    trial.ask({ method: "PUT", target: `/${bucket}?replication`, body: text });
  return { ...trial, put };
}

test("a configuration needs versions on both sides, and says what it cannot do", async () => {
  const { put, ask } = await house();
  expect((await ask({ target: "/bkt?replication" })).code).toBe("ReplicationConfigurationNotFoundError");
  const plain = configuration(rule("<Prefix>a/</Prefix>"));
  expect((await put(plain, "plain")).code).toBe("InvalidRequest");
  expect((await put(plain)).status).toBe(200);
  expect((await ask({ target: "/bkt?replication" })).text).toBe(plain);
  const code = async (...rules: string[]): Promise<string> => (await put(configuration(...rules))).code;
  expect(await code(rule("", "arn:aws:s3:::plain"))).toBe("InvalidRequest");
  expect(await code(rule("", "arn:aws:s3:::bkt"))).toBe("InvalidRequest");
  expect(await code(rule("", "dest"))).toBe("InvalidRequest");
  expect(await code(rule("", "arn:aws:s3::other:dest"))).toBe("InvalidRequest");
  expect(await code(rule("<Filter><Prefix>a</Prefix></Filter>"))).toBe("InvalidRequest");
  const tag = "<Filter><Tag><Key>a</Key><Value>b</Value></Tag></Filter>";
  expect(await code(rule(tag + markers))).toBe("InvalidRequest");
  const both = rule(`<Filter/>${unmarked}<Priority>1</Priority>`);
  expect(await code(both, both)).toBe("InvalidRequest");
  expect(await code("<Rule/>")).toBe("MalformedXML");
  expect(await code()).toBe("MalformedXML");
  expect((await ask({ method: "DELETE", target: "/bkt?replication" })).status).toBe(204);
});

test("what a rule speaks of is PENDING; a replica says so, keeps its id and comes once", async () => {
  const { put, ask } = await house();
  await put(configuration(rule("<Prefix>a/</Prefix>")));
  await ask({ method: "PUT", target: "/bkt/a/1", body: "x" });
  await ask({ method: "PUT", target: "/bkt/b", body: "x" });
  const status = async (target: string) =>
    (await ask({ method: "HEAD", target })).headers["x-amz-replication-status"];
  expect(await status("/bkt/a/1")).toBe("PENDING");
  expect(await status("/bkt/b")).toBeUndefined();
  const headers = { "x-amz-replication-status": "REPLICA", "x-holdfast-version-id": "v1" };
  for (let i = 0; i < 2; i++) {
    const sent = await ask({ method: "PUT", target: "/bkt/a/2", body: "x", headers });
    expect(sent.status).toBe(200);
  }
  const versions = (await ask({ target: "/bkt?versions&prefix=a/2" })).text;
  expect([...versions.matchAll(/<VersionId>(.*?)<\/VersionId>/g)].map((m) => m[1])).toEqual(["v1"]);
  expect(await status("/bkt/a/2")).toBe("REPLICA");
  await ask({ method: "PUT", target: "/bkt/c", headers: { "x-amz-copy-source": "/bkt/a/2" } });
  expect(await status("/bkt/c")).toBeUndefined();
});

test("the rule of the highest priority decides, markers too", () => {
  const text = configuration(
    rule(`<ID>low</ID><Priority>1</Priority><Filter><Prefix>a/</Prefix></Filter>${markers}`),
    rule(`<ID>high</ID><Priority>2</Priority><Filter><Prefix>a/b/</Prefix></Filter>${unmarked}`),
  );
  const rules = readReplication(parseXmlText(text)!);
  if (!rules.ok) throw new Error(rules.fault.message);
  const to = { remote: "", bucket: "dest" };
  const chosen = (key: string, deleteMarker = false) =>
    ruleFor(rules.value, { key, tags: {}, deleteMarker }, to)?.id;
  expect([chosen("a/x"), chosen("a/b/x"), chosen("c")]).toEqual(["low", "high", undefined]);
  expect([chosen("a/x", true), chosen("a/b/x", true)]).toEqual(["low", undefined]);
});

test("bent documents are refused, never a fall", () => {
  const whole = configuration(rule(`<ID>x</ID><Priority>1</Priority><Filter/>${markers}`));
  for (let seed = 1; seed < 400; seed++) {
    const [a, b, c] = seededEntropy(seed)(3) as unknown as [number, number, number];
    const at = (a * 256 + b) % whole.length;
    const root = parseXmlText(whole.slice(0, at) + whole.slice(at + 1 + (c % 9)));
    if (root) expect(typeof readReplication(root).ok).toBe("boolean");
  }
});
