import { expect, test } from "bun:test";
import { expectGolden } from "../../test/golden.ts";
import { servicesOf } from "./services.ts";
import { colours, plain, welcomeText, type Welcome } from "./welcome.ts";

const credentials = {
  user: "admin",
  password: "k7wq9-d3m2x-8rzt4-p6vhn",
  accessKeyId: "AKIAEXAMPLEEXAMPLE12",
  secretAccessKey: "0123456789abcdefghjkmnpqrstvwxyz01234567",
  token: "hf_live_example_secret",
};

const said = new Map([
  ["s3d", { s3: { host: "::", port: 9000 }, admin: { host: "127.0.0.1", port: 9443 } }],
  ["ftpd", { ftp: { host: "127.0.0.1", port: 2121 }, admin: { host: "127.0.0.1", port: 9444 } }],
  ["utcd", { ntp: { host: "::1", port: 11_123 }, time: { host: "::1", port: 10_037 } }],
]);

const about: Welcome = {
  version: "1.2.3",
  data: "/var/lib/holdfast",
  kept: "/var/lib/holdfast/first-run.json",
  user: credentials.user,
  password: credentials.password,
  services: servicesOf(said, credentials),
  missing: [{ daemon: "smbd", why: "the address is in use by another process" }],
  hideSecrets: false,
};

test("the ready file: a service that does not run is absent", () => {
  expect(servicesOf(said, credentials)).toEqual({
    console: { url: "https://127.0.0.1:9443", token: "hf_live_example_secret" },
    s3: {
      endpoint: "http://127.0.0.1:9000",
      region: "us-east-1",
      accessKeyId: credentials.accessKeyId,
      secretAccessKey: credentials.secretAccessKey,
    },
    ftp: { host: "127.0.0.1", port: 2121, user: "admin", password: credentials.password },
    time: { host: "::1", ntp: 11_123, time: 10_037 },
  });
});

test("the console is the first daemon's, whichever was ready first", () => {
  const late = new Map([...said].reverse());
  expect(servicesOf(late, credentials).console?.url).toBe("https://127.0.0.1:9443");
});

test("the welcome, in a pipe", () => {
  const text = welcomeText(about, plain);
  expectGolden("welcome.txt", text);
  expect(Math.max(...text.split("\n").map((line) => line.length))).toBeLessThanOrEqual(100);
});

test("the same words on a terminal", () => {
  const text = welcomeText(about, colours);
  expect(text).not.toBe(welcomeText(about, plain));
  expect(Bun.stripANSI(text)).toBe(welcomeText(about, plain));
});

test("no secret goes to the journal", () => {
  const text = welcomeText({ ...about, hideSecrets: true }, plain);
  for (const secret of [credentials.password, credentials.secretAccessKey, credentials.token]) {
    expect(text).not.toContain(secret);
  }
  expect(text).toContain("the password is in /var/lib/holdfast/first-run.json");
});

test("an operator who has removed the credentials is told how to set a password", () => {
  const text = welcomeText({ ...about, password: "" }, plain);
  expect(text).toContain("holdfast user passwd admin");
});
