import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must, type Result } from "../../base/result.ts";
import { encryptionDocument } from "../../rules/encryption.ts";
import { compressionDocument, deduplicationDocument } from "../../rules/stored-form.ts";
import { silentLog } from "../../watch/log.ts";
import type { Bucket, Objects } from "../objects.ts";
import { objectsConformance } from "../objects.conformance.ts";
import { openStore } from "../open.ts";

/** Every bucket is made with these documents, and does not speak of them: what holds of plain ones holds. */
function furnished(objects: Objects, documents: Readonly<Record<string, string>>): Objects {
  const hidden = <T extends Result<Bucket>>(found: T): T => {
    if (!found.ok) return found;
    const shown = Object.entries(found.value.documents).filter(([name]) => !(name in documents));
    return { ...found, value: { ...found.value, documents: Object.fromEntries(shown) } };
  };
  return {
    ...objects,
    bucket: async (name) => hidden(await objects.bucket(name)),
    changeBucket: async (by, name, change) => hidden(await objects.changeBucket(by, name, change)),
    async createBucket(by, bucket) {
      const made = await objects.createBucket(by, bucket);
      if (made.ok) must(await objects.changeBucket(by, bucket.name, { documents }));
      return made;
    },
  };
}

const kinds: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  [
    "sealed, compressed, kept once",
    {
      [encryptionDocument]: JSON.stringify({ kind: "key" }),
      [compressionDocument]: "zstd",
      [deduplicationDocument]: "on",
    },
  ],
];

for (const [name, documents] of kinds) {
  objectsConformance(`${name} objects over SQLite and files`, async ({ clock, entropy }) => {
    const data = await mkdtemp(join(tmpdir(), "holdfast-objects-"));
    const store = await openStore(data, { clock, entropy, log: silentLog });
    return {
      objects: furnished(store.objects, documents),
      async [Symbol.asyncDispose]() {
        await store[Symbol.asyncDispose]();
        await rm(data, { recursive: true, force: true });
      },
    };
  });
}
