import type { Path } from "../../lib/base/path.ts";
import { ok, type Result } from "../../lib/base/result.ts";
import { asUnixMs, type UnixMs } from "../../lib/base/time.ts";
import type { Past } from "../../lib/gate/smb/needs.ts";
import type { Home } from "../../lib/rules/identity.ts";
import type { Files } from "../../lib/store/files.ts";
import type { Objects } from "../../lib/store/objects.ts";
import type { Moment, TimeTravel } from "../../lib/store/time-travel.ts";

export interface PastNeeds {
  readonly objects: Objects;
  /** What the user may see of them. */
  readonly guarded: Objects;
  readonly timeTravel: TimeTravel;
  readonly place: Home;
  /** The user's view of these objects, and the house's. */
  readonly files: (objects: Objects) => Files;
  readonly shelf: (objects: Objects) => Files;
}

const limits = { versions: 1000, moments: 256 } as const;

/** A bucket's share as it was, from the versions it keeps and from snapshots. */
export function pastOf({ objects, guarded, timeTravel, place, files, shelf }: PastNeeds): Past {
  const { bucket, prefix } = place;
  return {
    async moments(path, isFolder) {
      const named = await timeTravel.snapshots(bucket);
      if (!named.ok) return named;
      const replaced = await replacedAt(guarded, bucket, prefix + path.join("/"), path, isFolder);
      if (!replaced.ok) return replaced;
      const all = [...named.value.map(({ at }) => at), ...replaced.value].map(wholeSecond);
      return ok([...new Set(all)].sort((a, b) => a - b).slice(-limits.moments));
    },
    async at(moment) {
      const named = await timeTravel.snapshots(bucket);
      if (!named.ok) return named;
      const snapshot = named.value.find(({ at }) => wholeSecond(at) === moment);
      const asked: Moment = snapshot ? { snapshot: snapshot.name } : { at: moment };
      const view = await timeTravel.past(bucket, asked);
      if (!view.ok) return view;
      const then: Objects = { ...objects, ...view.value };
      return ok({ files: files(then), shelf: shelf(then) });
    },
  };
}

/** When what is not current any more came to be. */
async function replacedAt(
  objects: Objects,
  bucket: string,
  key: string,
  path: Path,
  isFolder: boolean,
): Promise<Result<UnixMs[]>> {
  const beneath = isFolder && key !== "" && !key.endsWith("/") ? `${key}/` : key;
  const ask = { bucket, prefix: beneath, delimiter: "", after: "", afterVersion: "", limit: limits.versions };
  const page = await objects.listVersions(ask);
  if (!page.ok) return page;
  const mine = page.value.versions.filter((one) => isFolder || path.length === 0 || one.key === key);
  return ok(mine.filter((one) => !one.latest && !one.deleteMarker).map(({ createdAt }) => createdAt));
}

/** Tokens know no fractions: the second in which it was surely there. */
const wholeSecond = (at: UnixMs): UnixMs => asUnixMs(Math.ceil(at / 1000) * 1000);
