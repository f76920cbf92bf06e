/** What ships as DEB and RPM: lintian and rpmlint have nothing to add, the same sources give the same bytes,
 *  sums and signatures hold, and an RPM installs into a root of its own. Booting one is another test. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { rpmChangelog } from "../../packaging/rpm.ts";
import { apt, needs, run, type Ran } from "../interop/peers.ts";
import { top } from "../sources.ts";
import { builtBinaries, builtPackages } from "./built.ts";
import { debianRoot, debootstrap, mayBoot, nspawn } from "./debian.ts";
import { signingKey, type SigningKey } from "./signing-key.ts";

const rpm = apt("rpmbuild", "rpm");
const gpg = apt("gpg", "gnupg");
const makers = [rpm, gpg, apt("apt-ftparchive", "apt-utils"), apt("createrepo_c", "createrepo-c")];

const place: { out?: string; key?: SigningKey } = {};
const out = (...path: string[]): string => join(place.out!, "packages", ...path);
const { version } = (await Bun.file(join(top, "package.json")).json()) as { version: string };
const good = async (words: readonly string[], how: Parameters<typeof run>[1] = {}): Promise<Ran> => {
  const ran = await run(words, { seconds: 180, ...how });
  expect({ words, ...ran }).toMatchObject({ code: 0 });
  return ran;
};

beforeAll(async () => {
  if (makers.some(({ program }) => Bun.which(program) === null)) return;
  await builtBinaries();
  place.out = await mkdtemp(join(tmpdir(), "holdfast-packages-"));
  place.key = await signingKey(join(place.out, "keys"));
  process.env["GNUPGHOME"] = place.key.home;
  await builtPackages(out(), "--kind", "deb", "--kind", "rpm", "--sign", place.key.name);
}, 600_000);

afterAll(async () => {
  delete process.env["GNUPGHOME"];
  await place.key?.[Symbol.asyncDispose]();
  if (place.out) await rm(place.out, { recursive: true, force: true });
});

needs(...makers, apt("lintian"))("lintian has nothing to add", async () => {
  const files = ["common", "utcd"].map((name) => out(`holdfast-${name}_${version}_${debArch}.deb`));
  const ran = await good(["lintian", "--fail-on", "error,warning", "--allow-root", ...files]);
  expect(ran.out).toBe("");
});

needs(...makers, apt("rpmlint"))("rpmlint has nothing to add", async () => {
  const files = ["common", "utcd"].map((name) => out(`holdfast-${name}-${version}-1.${rpmArch}.rpm`));
  const ran = await good(["rpmlint", "-c", join(top, "packaging/text/rpmlint.toml"), ...files]);
  expect(ran.out).toContain("0 errors, 0 warnings");
});

needs(...makers)("sums and signatures hold", async () => {
  await good(["sha256sum", "--quiet", "-c", "SHA256SUMS"], { cwd: out() });
  const signed = ["SHA256SUMS", "yum/repodata/repomd.xml"];
  for (const file of signed) await good(["gpg", "--verify", out(`${file}.asc`), out(file)]);
  await good(["gpg", "--verify", out("apt/dists/stable/InRelease")]);
  const db = join(place.out!, "rpmdb");
  await good(["rpmkeys", "--dbpath", db, "--import", place.key!.published]);
  for (const name of await readdir(out("yum"))) {
    if (name.endsWith(".rpm")) await good(["rpmkeys", "--dbpath", db, "-K", out("yum", name)]);
  }
});

needs(...makers)("the same sources give the same bytes", async () => {
  const again = join(place.out!, "again");
  const words = ["packaging/packages.ts", "--level", "1", "--out", again, "--only", "holdfast-utcd"];
  const kinds = ["--kind", "deb", "--kind", "rpm"];
  await good([process.execPath, ...words, ...kinds], { cwd: top, env: { TZ: "Asia/Tokyo" } });
  const sums = async (folder: string) => {
    const text = await readFile(join(folder, "SHA256SUMS"), "utf8");
    return text.split("\n").filter((line) => /utcd_.*\.deb$|\.cdx\.json$/.test(line));
  };
  expect(await sums(again)).toEqual(await sums(out())); // signed RPMs differ by their signature
  const digest = async (folder: string) => {
    const file = join(folder, `holdfast-utcd-${version}-1.${rpmArch}.rpm`);
    return (await good(["rpm", "-qp", "--qf", "%{SHA256HEADER} %{SIGMD5}", "--nosignature", file])).out;
  };
  expect(await digest(again)).toBe(await digest(out()));
});

needs(...makers)("a bill of materials names every package that ships", async () => {
  const bill = (await Bun.file(out("holdfast.cdx.json")).json()) as {
    components: { name: string; hashes?: unknown[]; licenses?: unknown[] }[];
  };
  const { dependencies } = (await Bun.file(join(top, "package.json")).json()) as {
    dependencies: Record<string, string>;
  };
  const names = bill.components.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(Object.keys(dependencies)));
  for (const one of bill.components) expect(one).toMatchObject({ hashes: [{}], licenses: [{}] });
});

const rooted = mayBoot ? needs(...makers, debootstrap, nspawn) : test.skip;

rooted("an RPM installs into a root of its own, and leaves", async () => {
  const root = await debianRoot();
  try {
    const files = ["common", "utcd"].map((name) => out(`holdfast-${name}-${version}-1.${rpmArch}.rpm`));
    const into = ["rpm", "--root", root, "--nodeps"]; // the root's libraries came as DEBs
    await good([...into, "-i", "--nosignature", ...files]);
    const inside = ["systemd-nspawn", "-q", "-D", root, "--register=no", "--keep-unit", "--pipe"];
    const told = await good([...inside, "/usr/bin/holdfast-utcd", "--version"]);
    expect(told.out).toContain(`holdfast-utcd ${version} `);
    const owned = await good(["chroot", root, "stat", "-c", "%U:%G %a", ...ownedPaths]);
    expect(owned.out.trim().split("\n")).toEqual(["root:holdfast 640", "holdfast:holdfast 700"]);
    // Run from outside, rpm looks groups up outside: who owns what was asked inside.
    expect((await good([...into, "-V", "--nogroup", "holdfast-utcd"])).out).toBe("");
    await good([...into, "-e", "holdfast-utcd", "holdfast-common"]);
    expect(await Bun.file(join(root, "usr/bin/holdfast")).exists()).toBe(false);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
});

const ownedPaths = ["/etc/holdfast/utcd.yaml", "/var/lib/holdfast"];
const debArch = process.arch === "arm64" ? "arm64" : "amd64";
const rpmArch = process.arch === "arm64" ? "aarch64" : "x86_64";

test("Debian's change log becomes RPM's", () => {
  const debian = `holdfast (1.2.0) unstable; urgency=medium

  * One thing, which takes
    two lines.
  * Another.

 -- A B <a@b.invalid>  Sat, 21 Nov 2026 00:00:00 +0000
`;
  expect(rpmChangelog(debian)).toBe(
    "* Sat Nov 21 2026 A B <a@b.invalid> - 1.2.0-1\n- One thing, which takes\n  two lines.\n- Another.\n",
  );
});
