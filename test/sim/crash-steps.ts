import { must } from "../../lib/base/result.ts";
import { houseActor } from "../../lib/rules/identity.ts";
import type { Source } from "../../lib/store/content.ts";
import type { Objects } from "../../lib/store/objects.ts";
import { bodyOf, newObject, partSizes, type Kind } from "./crash-words.ts";

const by = houseActor;

export function sourceOf(bytes: Uint8Array): Source {
  return {
    size: bytes.length,
    chunks: (async function* () {
      for (let at = 0; at < bytes.length; at += 40_000)
        yield await Promise.resolve(bytes.slice(at, at + 40_000));
    })(),
  };
}

/** One step, to its acknowledgement: the version made. */
export async function perform(
  objects: Objects,
  kind: Kind,
  id: string,
  bucket: string,
  key: string,
  size: number,
): Promise<string> {
  const at = { bucket, key };
  const body = bodyOf(id, size);
  if (kind === "put") return must(await objects.put(by, at, sourceOf(body), newObject)).version;
  if (kind === "delete") return must(await objects.remove(by, at)).version ?? "";
  const upload = must(await objects.createUpload(by, at, { ...newObject, digestsOf: "object" }));
  const parts = [];
  let from = 0;
  for (const [i, length] of partSizes(size).entries()) {
    const bytes = sourceOf(body.slice(from, from + length));
    const part = must(await objects.putPart(by, at, upload.id, i + 1, bytes, newObject));
    parts.push({ number: i + 1, etag: part.etag, digests: {} });
    from += length;
  }
  if (kind === "abort") {
    must(await objects.abortUpload(by, at, upload.id));
    return "";
  }
  return must(await objects.completeUpload(by, at, upload.id, { parts, when: {}, minPartBytes: 1 })).version;
}
