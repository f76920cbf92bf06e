import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { silentLog } from "../../watch/log.ts";
import { objectsConformance } from "../objects.conformance.ts";
import { openStore } from "../open.ts";

objectsConformance("objects over SQLite and files", async ({ clock, entropy }) => {
  const data = await mkdtemp(join(tmpdir(), "holdfast-objects-"));
  const store = await openStore(data, { clock, entropy, log: silentLog });
  return {
    objects: store.objects,
    async [Symbol.asyncDispose]() {
      await store[Symbol.asyncDispose]();
      await rm(data, { recursive: true, force: true });
    },
  };
});
