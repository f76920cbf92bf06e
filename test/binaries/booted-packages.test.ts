/** The packages in a Debian that was booted: installed by apt from our repository, used through every door,
 *  reloaded, killed, upgraded, removed, purged. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { apt, needs, run } from "../interop/peers.ts";
import { builtBinaries, builtPackages } from "./built.ts";
import { bootedSays, debianRoot, debootstrap, mayBoot, nspawn } from "./debian.ts";
import { signingKey, type SigningKey } from "./signing-key.ts";

const clients = [
  apt("curl"),
  apt("smbclient"),
  apt("ntpdig", "ntpsec-ntpdig"),
  apt("rdate"),
  apt("ss", "iproute2"),
];
const booted = mayBoot
  ? needs(debootstrap, nspawn, apt("apt-ftparchive", "apt-utils"), apt("gpg", "gnupg"), ...clients)
  : test.skip;

const place: { work?: string; key?: SigningKey } = {};
const work = (...path: string[]): string => join(place.work!, ...path);

/** Two versions out of the same sources: what an upgrade does to a house, not what changed between them. */
async function prepare(): Promise<void> {
  await builtBinaries();
  place.work = await mkdtemp(join(tmpdir(), "holdfast-repositories-"));
  place.key = await signingKey(work("keys"));
  const older = ["packaging/build.ts", "--out", work("bin"), "--version", "0.0.1"];
  expect(await run([process.execPath, ...older], { seconds: 180 })).toMatchObject({ code: 0 });
  const how = ["--kind", "deb", "--sign", place.key.name];
  process.env["GNUPGHOME"] = place.key.home;
  await builtPackages(work("old"), ...how, "--from", work("bin"), "--version", "0.0.1");
  await builtPackages(work("new"), ...how);
}

if (mayBoot) beforeAll(prepare, 600_000);
afterAll(async () => {
  delete process.env["GNUPGHOME"];
  await place.key?.[Symbol.asyncDispose]();
  if (place.work) await rm(place.work, { recursive: true, force: true });
});

booted(
  "packages from a signed repository, from the first install to the purge",
  async () => {
    const root = await debianRoot();
    try {
      const binds = ["old", "new"].map((name) => `${work(name)}:/srv/${name}`);
      const said = await bootedSays(root, "booted-packages.sh", [
        ...binds,
        `${place.key!.published}:/srv/key.asc`,
      ]);
      expect(Object.fromEntries(said)).toMatchObject(expected);
      expect(said.get("ntp")).toContain('"stratum":10');
      expect(said.get("version")).toStartWith("holdfast 0.0.1 ");
      expect(said.get("upgraded-version")).not.toStartWith("holdfast 0.0.1 ");
      for (const port of ["tcp:21", "tcp:445", "tcp:990", "tcp:2022", "tcp:9000", "udp:123", "tcp:37"]) {
        expect(` ${said.get("ports")}`).toContain(` ${port} `);
      }
    } finally {
      await rm(root, { recursive: true, force: true });
    }
  },
  600_000,
);

const expected = {
  updated: "0",
  installed: "0",
  active: "active active active active ",
  enabled: "enabled enabled enabled enabled ",
  status: "0",
  doctor: "0",
  "ftp-put": "0",
  "s3-get": "0",
  "ftp-tls-get": "0",
  "ftps-get": "0",
  "sftp-get": "0",
  "smb-get": "0",
  time: "0",
  reload: "0",
  reloaded: "1",
  "reload-bad": "1",
  "after-bad": "active",
  "after-crash": "active 1",
  "after-crash-get": "0",
  upgraded: "0",
  "upgraded-active": "active active active inactive ",
  "upgraded-enabled": "enabled enabled enabled disabled ",
  "upgraded-restarted": "1",
  "upgraded-configuration": "log: {level: warn} root:holdfast 640",
  "upgraded-s3-get": "0",
  "upgraded-smb-get": "0",
  removed: "0",
  "removed-active": "inactive inactive inactive inactive ",
  "removed-kept": "/etc/holdfast/ftpd.yaml /var/lib/holdfast/catalog.db ",
  again: "0 active",
  "again-get": "0",
  purged: "0",
  "purged-left": "",
  "purged-user": "holdfast",
  "purged-broken": "0",
};
