import type { Result } from "../../base/result.ts";
import type { Arrived } from "../blobs/blob-files.ts";
import type { DigestName, Source } from "../content.ts";
import type { NewPart } from "../objects.ts";
import type { Planned } from "./forms.ts";
import type { Room } from "./room.ts";

/** A body that has arrived, and what it may turn out to be equal to. */
export interface Body {
  readonly arrived: Arrived;
  readonly encryption: Planned["encryption"];
  /** In a job: refers to it, or to one that is equal; null where there are no bytes. */
  refer(): number | null;
  /** Whether another stands for it. */
  readonly isSpare: boolean;
}

/** Takes a body in, in its planned form. Faults: those of `BlobFiles.receive`. */
export async function receiveBody(
  room: Room,
  source: Source,
  names: readonly DigestName[],
  expect: NewPart["expect"],
  { form, equals, encryption }: Planned,
): Promise<Result<Body>> {
  const wanted: readonly DigestName[] = equals ? [...names, "sha256"] : names;
  const arrived = await room.blobs.receive(source, wanted, expect, form);
  if (!arrived.ok) return arrived;
  const { blob, digests } = arrived.value;
  let isSpare = false;
  const refer = (): number | null => {
    if (!blob) return null;
    if (!equals) return room.w.blobs.insert(blob);
    const mark = room.dataKeys.mark(digests.sha256!, equals.seal);
    const equal = room.w.blobs.marked(equals.bucket, mark);
    if (equal !== undefined) {
      isSpare = true;
      room.w.blobs.share(equal);
      return equal;
    }
    const made = room.w.blobs.insert(blob, true);
    room.w.blobs.mark(equals.bucket, mark, made);
    return made;
  };
  const body: Body = {
    arrived: arrived.value,
    encryption,
    refer,
    get isSpare() {
      return isSpare;
    },
  };
  return { ok: true, value: body };
}

/** Lets go of what arrived, once it is known whether anything refers to it. */
export async function settled<T>(body: Body, run: () => Promise<Result<T>>): Promise<Result<T>> {
  let kept = false;
  try {
    const result = await run();
    kept = result.ok && !body.isSpare;
    return result;
  } finally {
    if (kept) void body.arrived.settle(true);
    else await body.arrived.settle(false);
  }
}
