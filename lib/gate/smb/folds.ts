import type { Path } from "../../base/path.ts";
import type { Clock, Instant } from "../../base/time.ts";
import type { Files } from "../../store/files.ts";
import { folded } from "./name.ts";

interface Folder {
  readonly names: Map<string, string>;
  readonly readAt: Instant;
}

const limits = { folders: 256, keepMs: 2000, names: 200_000, page: 1000 };

/** The names of folders by their folded form, so that a client that types "README" finds "readme". What this
 *  daemon does is known at once; what others do after `keepMs`. */
export class Folds {
  readonly #clock: Clock;
  readonly #folders = new Map<string, Folder>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** The name as it is kept, where one differs from `name` in nothing but case. */
  async find(files: Files, place: string, folder: Path, name: string): Promise<string | undefined> {
    const known = this.#folders.get(keyOf(place, folder));
    const fresh = known && this.#clock.now() - known.readAt < limits.keepMs ? known : undefined;
    const at = fresh ?? (await this.#read(files, place, folder));
    return at.names.get(folded(name));
  }

  /** Others have changed something in the tree: its folders are read anew. */
  forget(place: string): void {
    for (const key of this.#folders.keys()) if (key.startsWith(`${place}\0`)) this.#folders.delete(key);
  }

  added(place: string, folder: Path, name: string): void {
    this.#folders.get(keyOf(place, folder))?.names.set(folded(name), name);
  }

  removed(place: string, folder: Path, name: string): void {
    const names = this.#folders.get(keyOf(place, folder))?.names;
    if (names?.get(folded(name)) === name) names.delete(folded(name));
  }

  async #read(files: Files, place: string, folder: Path): Promise<Folder> {
    const names = new Map<string, string>();
    for (let after: string | undefined = ""; after !== undefined && names.size < limits.names;) {
      const page = await files.list(folder, after, limits.page);
      if (!page.ok) break;
      for (const { name } of page.value.rows) if (!names.has(folded(name))) names.set(folded(name), name);
      after = page.value.next;
    }
    const read = { names, readAt: this.#clock.now() };
    if (this.#folders.size >= limits.folders) this.#folders.delete(this.#folders.keys().next().value!);
    this.#folders.set(keyOf(place, folder), read);
    return read;
  }
}

const keyOf = (place: string, folder: Path): string => `${place}\0${folder.join("/")}`;
