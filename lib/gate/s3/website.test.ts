import { beforeEach, expect, test } from "bun:test";
import { seededEntropy } from "../../base/entropy.ts";
import { readWebsite } from "../../proto/s3/website.ts";
import { parseXmlText } from "../../proto/s3/xml-walk.ts";
import { trialS3, type Got, type TrialS3 } from "./trial-s3.ts";

const s3: { house: TrialS3 } = {} as never;
const put = (target: string, body: string, headers: Record<string, string> = {}): Promise<Got> =>
  s3.house.ask({ method: "PUT", target, body, headers });
const visit = (target: string, method = "GET"): Promise<Got> =>
  s3.house.ask({ method, target, headers: { host: "site.web.test:9000" }, by: "nobody" });
const configuration = (inside: string): string => `<WebsiteConfiguration>${inside}</WebsiteConfiguration>`;
const index = "<IndexDocument><Suffix>index.html</Suffix></IndexDocument>";
const error = "<ErrorDocument><Key>oops.html</Key></ErrorDocument>";

beforeEach(async () => {
  s3.house = await trialS3();
  await put("/site", "");
  for (const key of ["index.html", "docs/index.html", "oops.html", "a.txt"]) await put(`/site/${key}`, key);
  const resource = "arn:aws:s3:::site/*";
  const open = { Effect: "Allow", Principal: "*", Action: "s3:GetObject", Resource: resource };
  await put("/site?policy", JSON.stringify({ Version: "2012-10-17", Statement: [open] }));
});

test("folders have an index, errors a page with their own status", async () => {
  expect((await visit("/")).text).toContain("NoSuchWebsiteConfiguration");
  expect((await put("/site?website", configuration(index + error))).status).toBe(200);
  expect((await visit("/")).text).toBe("index.html");
  expect((await visit("/docs/")).text).toBe("docs/index.html");
  const bare = await visit("/docs");
  expect([bare.status, bare.headers["location"]]).toEqual([302, "/docs/"]);
  expect((await visit("/a.txt")).text).toBe("a.txt");
  expect((await visit("/a.txt", "HEAD")).status).toBe(200);
  const gone = await visit("/nothing");
  expect([gone.status, gone.text]).toEqual([403, "oops.html"]);
  const post = await visit("/a.txt", "POST");
  expect([post.status, post.headers["content-type"]]).toEqual([405, "text/html; charset=utf-8"]);
  expect((await s3.house.ask({ method: "DELETE", target: "/site?website" })).status).toBe(204);
});

test("what policy does not show is not shown, and there are no listings or sub-resources", async () => {
  await put("/site?website", configuration(index));
  expect((await visit("/?policy")).text).toBe("index.html");
  await s3.house.ask({ method: "DELETE", target: "/site?policy" });
  const closed = await visit("/a.txt");
  expect([closed.status, closed.text.includes("<li>Code: AccessDenied</li>")]).toEqual([403, true]);
  expect((await visit("/x", "HEAD")).text).toBe("");
  const other = await s3.house.ask({ target: "/", headers: { host: "none.web.test" }, by: "nobody" });
  expect(other.status).toBe(404);
});

test("redirections: of everything, by prefix, by error, by the object itself", async () => {
  const rules = [
    "<RoutingRule><Condition><KeyPrefixEquals>old/</KeyPrefixEquals></Condition>" +
      "<Redirect><ReplaceKeyPrefixWith>new/</ReplaceKeyPrefixWith></Redirect></RoutingRule>",
    "<RoutingRule><Condition><HttpErrorCodeReturnedEquals>403</HttpErrorCodeReturnedEquals></Condition>" +
      "<Redirect><HostName>x.test</HostName><Protocol>https</Protocol><ReplaceKeyWith>no</ReplaceKeyWith>" +
      "<HttpRedirectCode>307</HttpRedirectCode></Redirect></RoutingRule>",
  ];
  await put("/site?website", configuration(`${index}<RoutingRules>${rules.join("")}</RoutingRules>`));
  const to = async (path: string) => {
    const { status, headers } = await visit(path);
    return [status, headers["location"]];
  };
  expect(await to("/old/a%20b")).toEqual([301, "http://site.web.test:9000/new/a%20b"]);
  expect(await to("/missing")).toEqual([307, "https://x.test/no"]);
  await put("/site/moved", "", { "x-amz-website-redirect-location": "/a.txt" });
  expect(await to("/moved")).toEqual([301, "/a.txt"]);
  const all = "<RedirectAllRequestsTo><HostName>y.test</HostName></RedirectAllRequestsTo>";
  await put("/site?website", configuration(all));
  expect(await to("/k")).toEqual([301, "http://y.test/k"]);
});

test("what cannot be a website is refused; bent documents are never a fall", async () => {
  const code = async (inside: string): Promise<string> =>
    (await put("/site?website", configuration(inside))).code;
  expect(await code("")).toBe("InvalidArgument");
  expect(await code("<IndexDocument><Suffix>a/b</Suffix></IndexDocument>")).toBe("InvalidArgument");
  expect(await code("<RedirectAllRequestsTo/>")).toBe("MalformedXML");
  expect(await code(`${index}<RedirectAllRequestsTo><HostName>a</HostName></RedirectAllRequestsTo>`)).toBe(
    "InvalidArgument",
  );
  const bad = "<Redirect><HttpRedirectCode>200</HttpRedirectCode></Redirect>";
  expect(await code(`${index}<RoutingRules><RoutingRule>${bad}</RoutingRule></RoutingRules>`)).toBe(
    "InvalidRequest",
  );
  const whole = configuration(
    `${index}${error}<RoutingRules><RoutingRule>${bad}</RoutingRule></RoutingRules>`,
  );
  for (let seed = 1; seed < 300; seed++) {
    const [a, b, c] = seededEntropy(seed)(3) as unknown as [number, number, number];
    const at = (a * 256 + b) % whole.length;
    const root = parseXmlText(whole.slice(0, at) + whole.slice(at + 1 + (c % 9)));
    if (root) expect(typeof readWebsite(root).ok).toBe("boolean");
  }
});
