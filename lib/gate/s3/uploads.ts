import { refuse } from "../../proto/s3/error.ts";
import { checksums, shownChecksum } from "../../proto/s3/checksum.ts";
import { readKeyPage } from "../../proto/s3/listing.ts";
import { partsXml, readPartsPage, uploadsXml } from "../../proto/s3/multipart.ts";
import type { Upload } from "../../store/objects.ts";
import { answer, nameOf, xmlAnswer, type Answer, type Call } from "./call.ts";
import { faultAnswer } from "./faults.ts";

export async function abortUpload(call: Call): Promise<Answer> {
  const done = await call.objects.abortUpload(call.actor, nameOf(call), call.query.get("uploadId") ?? "");
  return done.ok ? answer(204) : faultAnswer(done.fault, "NoSuchUpload");
}

export async function listParts(call: Call): Promise<Answer> {
  const ask = readPartsPage(call.query);
  if (!ask.ok) return ask;
  const id = call.query.get("uploadId") ?? "";
  const upload = await call.objects.upload(nameOf(call), id);
  if (!upload.ok) return faultAnswer(upload.fault, "NoSuchUpload");
  const { marker, limit } = ask.value;
  const page = await call.objects.parts(nameOf(call), id, marker, Math.max(1, limit));
  if (!page.ok) return faultAnswer(page.fault, "NoSuchUpload");
  const rows = limit === 0 ? [] : page.value.rows;
  const parts = rows.map((part) => {
    const shown = shownChecksum(part.digests, 0);
    const checksum = shown && { element: shown.checksum.element, value: shown.value };
    return { number: part.number, size: part.size, etag: part.etag, createdAt: part.createdAt, checksum };
  });
  const next = limit === 0 || page.value.next === undefined ? undefined : Number(page.value.next);
  const owner = { id: upload.value.initiator, name: upload.value.initiator };
  const { bucket, key } = call.operation;
  return xmlAnswer(
    partsXml(ask.value, { bucket, key, id, owner, checksum: sumOf(upload.value), parts, next }),
  );
}

export async function listUploads(call: Call): Promise<Answer> {
  const page = readKeyPage(call.query, "max-uploads");
  if (!page.ok) return page;
  const keyMarker = call.query.get("key-marker") ?? "";
  const idMarker = call.query.get("upload-id-marker") ?? "";
  if (page.value.limit === 0) return refuse("InvalidArgument", "max-uploads must be at least 1");
  const { prefix, delimiter, limit } = page.value;
  const bucket = call.bucket.name;
  // Without a key marker the upload id marker is ignored.
  const afterId = keyMarker === "" ? "" : idMarker;
  const found = await call.objects.uploads({ bucket, prefix, delimiter, after: keyMarker, afterId, limit });
  if (!found.ok) return faultAnswer(found.fault, "NoSuchBucket");
  const { prefixes, next } = found.value;
  const uploads = found.value.uploads.map((upload) => ({
    key: upload.key,
    id: upload.id,
    createdAt: upload.createdAt,
    owner: { id: upload.initiator, name: upload.initiator },
    checksum: sumOf(upload),
  }));
  return xmlAnswer(uploadsXml({ ...page.value, keyMarker, idMarker }, { bucket, uploads, prefixes, next }));
}

function sumOf(upload: Upload): { wire: string; type: string } | undefined {
  const checksum = checksums.find((one) => upload.digests.includes(one.name));
  return (
    checksum && { wire: checksum.wire, type: upload.digestsOf === "parts" ? "COMPOSITE" : "FULL_OBJECT" }
  );
}
