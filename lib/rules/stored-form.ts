/** The bucket document whose presence means that new bodies are compressed: the method's name. */
export const compressionDocument = "compression";
export type Compression = "zstd";

/** The bucket document whose presence means that equal bodies are kept once: "on". */
export const deduplicationDocument = "deduplication";

/** What is compressed already, by the first word of its type or by all of it. */
const denseTypes: ReadonlySet<string> = new Set([
  "video",
  "audio",
  "image/jpeg",
  "image/png",
  "image/gif",
  "image/webp",
  "image/avif",
  "image/heic",
  "application/zip",
  "application/gzip",
  "application/x-gzip",
  "application/zstd",
  "application/x-bzip2",
  "application/x-xz",
  "application/x-7z-compressed",
  "application/x-rar-compressed",
  "application/vnd.rar",
]);

const denseEndings: ReadonlySet<string> = new Set(
  (
    "gz tgz zip zst bz2 xz 7z rar lz4 br jpg jpeg png gif webp avif heic " +
    "mp3 mp4 m4a m4v mkv webm mov avi ogg opus flac aac"
  ).split(" "),
);

/** Whether a body is worth trying to compress, by what is said of it. One that is tried and does not shrink
 *  is kept as it came, frame by frame. */
export function isCompressible(
  key: string,
  contentType: string | undefined,
  encoding: string | undefined,
): boolean {
  if (encoding !== undefined && encoding !== "" && encoding !== "identity") return false;
  const type = contentType?.split(";", 1)[0]!.trim().toLowerCase() ?? "";
  if (denseTypes.has(type) || denseTypes.has(type.split("/", 1)[0]!)) return false;
  return !denseEndings.has(key.slice(key.lastIndexOf(".") + 1).toLowerCase());
}
