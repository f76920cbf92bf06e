import { fail, ok, type Result } from "../../base/result.ts";
import { plainLayer, unshaped, type Form } from "../blobs/body-form.ts";
import { contentOfRow } from "../blobs/content-of.ts";
import type { Content } from "../content.ts";

/** Content that is not on disk as it is read. */
export interface ShapedContent extends Content {
  /** Opens what seals it; reading does so too, and throws the fault. */
  ready(): Promise<Result<Content>>;
}

export const isShaped = (content: Content): content is ShapedContent => "ready" in content;

/** What is stored in a form, as the plain body of `size` bytes. `openKey` gives the key of a sealed one.
 *  Faults of `ready`: openKey's; damaged. */
export function shapedContent(
  stored: Content,
  form: Form,
  size: number,
  openKey: () => Promise<Result<Uint8Array | undefined>>,
): ShapedContent {
  let opening: Promise<Result<Content>> | undefined;
  const ready = (): Promise<Result<Content>> => (opening ??= openShaped(stored, form, size, openKey));
  return {
    size,
    bytes: undefined,
    file: undefined,
    ready,
    async *read(start, end) {
      const opened = await ready();
      if (!opened.ok) throw new Error(opened.fault.what);
      yield* opened.value.read(start, end);
    },
    close: () => stored.close(),
  };
}

async function openShaped(
  stored: Content,
  form: Form,
  size: number,
  openKey: () => Promise<Result<Uint8Array | undefined>>,
): Promise<Result<Content>> {
  const key = await openKey();
  if (!key.ok) return key;
  const shaping = { form, key: key.value };
  if (stored.bytes) {
    const plain = unshaped(shaping, stored.bytes, size);
    return plain ? ok(contentOfRow(plain)) : fail("damaged", "what is stored no longer opens");
  }
  const layer = plainLayer(stored, shaping, size);
  const read = (start: number, end: number): AsyncIterable<Uint8Array> => layer.read(start, end);
  return ok({ size, bytes: undefined, file: undefined, read, close: () => stored.close() });
}

/** The same content; where it is sealed, opened. Closes it where that fails. */
export async function opened(content: Content): Promise<Result<Content>> {
  if (!isShaped(content)) return ok(content);
  const ready = await content.ready();
  if (!ready.ok) await content.close();
  return ready;
}
