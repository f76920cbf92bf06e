/** The OCI image: skopeo and umoci accept what no engine has made, and the house comes up from it as its own
 *  user on a root that cannot be written. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, chown, mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startHouse } from "../interop/house.ts";
import { apt, needs, run, type Ran } from "../interop/peers.ts";
import { top } from "../sources.ts";
import { builtBinaries, builtPackages } from "./built.ts";

const skopeo = apt("skopeo");
const umoci = apt("umoci");
const place: { work?: string } = {};
const work = (...path: string[]): string => join(place.work!, ...path);
const { version } = (await Bun.file(join(top, "package.json")).json()) as { version: string };
const good = async (...words: string[]): Promise<Ran> => {
  const ran = await run(words, { seconds: 120 });
  expect({ words, ...ran }).toMatchObject({ code: 0 });
  return ran;
};

beforeAll(async () => {
  await builtBinaries();
  place.work = await mkdtemp(join(tmpdir(), "holdfast-image-"));
  await chmod(place.work, 0o755);
  await builtPackages(work("packages"), "--kind", "oci");
}, 600_000);
afterAll(() => rm(place.work!, { recursive: true, force: true }));

const archive = (): string => `oci-archive:${work("packages", `holdfast-${version}-oci.tar`)}`;

interface Inspected {
  readonly Os: string;
  readonly Labels: Record<string, string>;
  readonly Layers: string[];
}

needs(skopeo)("skopeo reads the image", async () => {
  const told = JSON.parse((await good("skopeo", "inspect", archive())).out) as Inspected;
  expect(told).toMatchObject({ Os: "linux", Labels: { "org.opencontainers.image.version": version } });
  expect(told.Layers).toHaveLength(6);
});

/** What an engine would do: a read-only root, the volume, /proc, and the image's own user. */
const contained = `set -e
mount --bind "$1" "$1"; mount -t proc proc "$1/proc"; mount --bind "$2" "$1$2"
mount -o remount,bind,ro "$1"; root=$1; shift 2
exec env -i PATH=/usr/bin:/usr/sbin:/bin chroot --userspec=65532:65532 "$root" /usr/bin/holdfast "$@"`;

const asRoot = process.getuid?.() === 0 ? needs(skopeo, umoci, apt("unshare", "util-linux")) : test.skip;

asRoot(
  "the house comes up from the image, and leaves",
  async () => {
    const data = work("data");
    await mkdir(data);
    await chown(data, 65532, 65532);
    await good("skopeo", "copy", "-q", archive(), `oci:${work("layout")}:${version}`);
    await good("umoci", "unpack", "--image", `${work("layout")}:${version}`, work("bundle"));
    const root = work("bundle/rootfs");
    for (const folder of ["proc", data]) await mkdir(join(root, folder), { recursive: true });
    const command = ["unshare", "--mount", "sh", "-c", contained, "sh", root, data];
    const house = await startHouse({ command, data });
    try {
      const client = new Bun.S3Client({ ...house.ready.s3, bucket: "home" });
      await client.write("from-a-container.txt", "kept");
      expect(await client.file("from-a-container.txt").text()).toBe("kept");
    } finally {
      expect(await house.stop()).toBe(0);
    }
  },
  200_000,
);
