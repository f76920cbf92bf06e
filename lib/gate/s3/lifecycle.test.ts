import { beforeEach, describe, expect, test } from "bun:test";
import { base64, utf8 } from "../../base/bytes.ts";
import { asUnixMs } from "../../base/time.ts";
import { digestsOf } from "../../store/digests.ts";
import { sweepBucket } from "./lifecycle-sweep.ts";
import { trialS3, type Got, type TrialS3 } from "./trial-s3.ts";

const s3: { house: TrialS3 } = {} as never;
const ask: TrialS3["ask"] = (what) => s3.house.ask(what);
const set = (what: string, body: string): Promise<Got> =>
  ask({ method: "PUT", target: `/bkt?${what}`, body });

beforeEach(async () => {
  s3.house = await trialS3();
  await ask({ method: "PUT", target: "/bkt" });
  await ask({ method: "PUT", target: "/bkt/pub/a", body: "hello" });
  await ask({ method: "PUT", target: "/bkt/own/b", body: "secret" });
});

describe("lifecycle", () => {
  const rule = (inside: string): string =>
    `<LifecycleConfiguration><Rule><Status>Enabled</Status>${inside}</Rule></LifecycleConfiguration>`;
  const setRules = (body: string): Promise<Got> => {
    const headers = { "content-md5": base64(digestsOf(["md5"], utf8(body)).md5!) };
    return ask({ method: "PUT", target: "/bkt?lifecycle", body, headers });
  };
  const sweep = async (days: number) => {
    const bucket = await s3.house.objects.bucket("bkt");
    if (!bucket.ok) throw new Error("gone");
    const at = asUnixMs(s3.house.clock.wall() + days * 86_400_000);
    return await sweepBucket(s3.house.objects, bucket.value, at, new AbortController().signal);
  };

  test("is checked", async () => {
    const expire = "<Expiration><Days>1</Days></Expiration>";
    expect((await setRules(rule(`<Filter/>${expire}`))).status).toBe(200);
    expect((await set("lifecycle", rule(expire))).code).toBe("InvalidRequest");
    expect((await setRules(rule("<Filter/>"))).code).toBe("MalformedXML");
    expect((await setRules(rule("<Expiration><Days>0</Days></Expiration>"))).code).toBe("InvalidArgument");
    expect((await setRules(rule("<Expiration><Date>2030-01-01T12:00:00Z</Date></Expiration>"))).code).toBe(
      "InvalidArgument",
    );
    expect((await setRules(rule("<Transition><Days>1</Days></Transition>"))).code).toBe("NotImplemented");
  });

  test("removes what is due, and what is due alone", async () => {
    await setRules(rule("<Filter><Prefix>own/</Prefix></Filter><Expiration><Days>1</Days></Expiration>"));
    const told = (await ask({ target: "/bkt/own/b" })).headers["x-amz-expiration"];
    expect(told).toMatch(/^expiry-date="\w{3}, .* 00:00:00 GMT", rule-id="rule-1"$/);
    expect(await sweep(0.5)).toMatchObject({ expired: 0 });
    expect(await sweep(3)).toMatchObject({ expired: 1 });
    expect((await ask({ target: "/bkt/own/b" })).code).toBe("NoSuchKey");
    expect((await ask({ target: "/bkt/pub/a" })).text).toBe("hello");
  });

  test("thins out old versions and lone markers, and aborts uploads", async () => {
    await set("versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
    for (const body of ["1", "2", "3", "4"]) await ask({ method: "PUT", target: "/bkt/v", body });
    await ask({ method: "DELETE", target: "/bkt/own/b" });
    await ask({ method: "POST", target: "/bkt/up?uploads" });
    await setRules(
      rule(
        "<Filter/><NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays>" +
          "<NewerNoncurrentVersions>1</NewerNoncurrentVersions></NoncurrentVersionExpiration>" +
          "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>" +
          "<AbortIncompleteMultipartUpload><DaysAfterInitiation>1</DaysAfterInitiation>" +
          "</AbortIncompleteMultipartUpload>",
      ),
    );
    expect(await sweep(5)).toMatchObject({ removed: 2, aborted: 1 });
    expect((await ask({ target: "/bkt/v" })).text).toBe("4");
    const count = ((await ask({ target: "/bkt?versions&prefix=v" })).text.match(/<Version>/g) ?? []).length;
    expect(count).toBe(2);
    expect((await ask({ target: "/bkt?uploads" })).text).not.toContain("<Upload>");
  });

  test("yields to object lock", async () => {
    await set("versioning", "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>");
    await set(
      "object-lock",
      "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>",
    );
    const until = new Date(s3.house.clock.wall() + 30 * 86_400_000).toISOString();
    const lock = { "x-amz-object-lock-mode": "GOVERNANCE", "x-amz-object-lock-retain-until-date": until };
    await ask({ method: "PUT", target: "/bkt/v", body: "locked", headers: lock });
    await ask({ method: "PUT", target: "/bkt/v", body: "newer" });
    const days = "<NoncurrentDays>1</NoncurrentDays>";
    await setRules(rule(`<Filter/><NoncurrentVersionExpiration>${days}</NoncurrentVersionExpiration>`));
    expect(await sweep(5)).toMatchObject({ removed: 0, retained: 1 });
  });
});
