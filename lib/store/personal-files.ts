import { parentOf, type Path } from "../base/path.ts";
import { ok, type Result } from "../base/result.ts";
import type { Clock } from "../base/time.ts";
import type { BucketFacts, Verb } from "../rules/access.ts";
import type { Actor } from "../rules/identity.ts";
import type { FileKind, Files, FileStat, Rights, RightsIn } from "./files.ts";
import { Gatekeeper, type Sight } from "./gatekeeper.ts";
import type { Identities } from "./identities.ts";
import { readNames } from "./tree-names.ts";

export interface PersonalNeeds {
  readonly identities: Identities;
  readonly actor: Actor;
  readonly clock: Clock;
  /** Where the view begins: "" or "team/alice/". */
  readonly prefix: string;
  readonly bucket: () => Promise<Result<BucketFacts>>;
}

/** A guarded bucket's tree with what a person wants to know beforehand: owners by their names, what they
 *  themselves may do, and a refusal before an upload instead of after it. The guard beneath has the last
 *  word. Adds to `open`: denied. */
export function personalFiles(files: Files, needs: PersonalNeeds): Files {
  const { identities } = needs;
  return {
    async stat(path) {
      const found = await files.stat(path);
      return found.ok ? ok((await ownersNamed(identities, [found.value]))[0]!) : found;
    },
    async list(path, after, limit) {
      const page = await files.list(path, after, limit);
      if (!page.ok) return page;
      const { rows, next } = page.value;
      return ok({ rows: await ownersNamed(identities, rows), next });
    },
    async open(path, how) {
      const opened = how.write && path.length > 0 ? await mayWrite(needs, path) : ok();
      return opened.ok ? files.open(path, how) : opened;
    },
    makeFolder: (path) => files.makeFolder(path),
    removeFile: (path) => files.removeFile(path),
    removeFolder: (path) => files.removeFolder(path),
    rename: (from, to, replace) => files.rename(from, to, replace),
    change: (path, change) => files.change(path, change),
    space: () => files.space(),
    rights: (folder) => rightsIn(needs, folder),
  };
}

async function mayWrite({ identities, clock, actor, bucket, prefix }: PersonalNeeds, path: Path) {
  const facts = await bucket();
  if (!facts.ok) return facts;
  const key = prefix + keyOf(path);
  const gate = new Gatekeeper(identities, clock, actor);
  return gate.asks("object.write", { kind: "object", bucket: facts.value, key });
}

/** A name no key has is kept as it is: the store will refuse it in its own words. */
function keyOf(path: Path): string {
  const read = readNames(path);
  return (read.ok ? read.value.segments : path).join("/");
}

/** The owner is kept as an id; people know names. */
async function ownersNamed<S extends FileStat>(identities: Identities, stats: readonly S[]): Promise<S[]> {
  const names = new Map<string, string>();
  for (const id of new Set(stats.map(({ owner }) => owner))) {
    const user = await identities.user(id);
    names.set(id, user.ok ? user.value.name : id);
  }
  return stats.map((stat) => ({ ...stat, owner: names.get(stat.owner)! }));
}

async function rightsIn(needs: PersonalNeeds, folder: Path): Promise<Result<RightsIn>> {
  const facts = await needs.bucket();
  if (!facts.ok) return facts;
  const gate = new Gatekeeper(needs.identities, needs.clock, needs.actor);
  const keys = folder.length === 0 ? needs.prefix : `${needs.prefix}${keyOf(folder)}/`;
  const judge = async (verb: Verb): Promise<(key: string) => boolean> =>
    constantly(await gate.sight(verb, facts.value), keys);
  const [read, write, remove] = [
    await judge("object.read"),
    await judge("object.write"),
    await judge("object.delete"),
  ];
  const list = await gate.sight("object.list", facts.value);
  return ok((name: string | undefined, kind: FileKind): Rights => {
    const key = name === undefined ? keys : keys + keyOf([name]) + (kind === "folder" ? "/" : "");
    return { read: read(key), write: write(key), remove: remove(key), list: list.some(key) };
  });
}

/** Mostly the whole folder has one answer. */
function constantly(sight: Sight, keys: string): (key: string) => boolean {
  if (sight.all(keys)) return () => true;
  return sight.some(keys) ? (key) => sight.key(key) : () => false;
}

/** What may be done with one name. Undefined where the view does not say. */
export async function rightsOf(files: Files, path: Path, kind: FileKind): Promise<Rights | undefined> {
  const whole = await files.rights?.(path.length === 0 ? path : parentOf(path));
  return whole?.ok ? whole.value(path.at(-1), kind) : undefined;
}
