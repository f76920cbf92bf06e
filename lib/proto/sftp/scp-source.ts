import { child, nameOf, parsePath, type Path } from "../../base/path.ts";
import type { Listed } from "../../base/long-listing.ts";
import type { ScpCommand } from "./exec-command.ts";
import { asking, bytes, line, ScpBroken, type Say, type ScpRun } from "./scp-session.ts";

const chunkBytes = 256 << 10;

/** "scp -f": sends what the client wants. Each line waits for a zero byte. Gives the exit status. */
export function* scpSource(command: ScpCommand, say: Say): ScpRun {
  const source = new Source(command, say);
  yield* source.acknowledged();
  for (const text of command.paths) {
    const path = parsePath(text);
    const found = path.ok ? yield* asking("stat", { path: path.value }) : path;
    if (!path.ok || !found.ok) source.complain(text, found.ok ? "no such file" : found.fault.what);
    else yield* source.send(path.value, found.value);
  }
  return source.failures > 0 ? 1 : 0;
}

class Source {
  readonly #command: ScpCommand;
  readonly #say: Say;
  failures = 0;

  constructor(command: ScpCommand, say: Say) {
    this.#command = command;
    this.#say = say;
  }

  complain(name: string, what: string): void {
    this.failures++;
    this.#say(`\x01scp: ${name.replace(/[\r\n]/g, "?")}: ${what}\n`);
  }

  /** True where the client goes along. */
  *acknowledged(): Generator<Wants, boolean, unknown> {
    const [answer] = yield* bytes(1);
    if (answer === 0) return true;
    const why = yield* line();
    if (answer === 1) return false;
    throw new ScpBroken(why || "that is no scp");
  }

  *send(path: Path, entry: Listed): Generator<Wants, void, unknown> {
    const name = nameOf(path) || ".";
    if (/[\r\n]/.test(name)) return this.complain(name, "the name cannot be sent");
    if (entry.kind === "folder" && !this.#command.recursive) return this.complain(name, "not a regular file");
    if (this.#command.keepTimes) {
      const seconds = Math.max(0, Math.floor(entry.modifiedAt / 1000));
      this.#say(`T${seconds} 0 ${seconds} 0\n`);
      yield* this.acknowledged();
    }
    return entry.kind === "folder"
      ? yield* this.#folder(path, entry, name)
      : yield* this.#file(path, entry, name);
  }

  *#folder(path: Path, entry: Listed, name: string): Generator<Wants, void, unknown> {
    this.#say(`D${modeText(entry)} 0 ${name}\n`);
    if (!(yield* this.acknowledged())) return;
    const opened = yield* asking("openFolder", { path });
    if (!opened.ok) this.complain(name, opened.fault.what);
    for (let more = opened.ok; more;) {
      const rows = yield* asking("rows", { handle: opened.ok ? opened.value : 0 });
      if (!rows.ok) this.complain(name, rows.fault.what);
      more = rows.ok && rows.value.length > 0;
      for (const row of rows.ok ? rows.value : []) yield* this.send(child(path, row.name), row);
    }
    if (opened.ok) yield* asking("close", { handle: opened.value });
    this.#say("E\n");
    yield* this.acknowledged();
  }

  *#file(path: Path, entry: Listed, name: string): Generator<Wants, void, unknown> {
    const how = { read: true, write: false, append: false, create: "must", truncate: false } as const;
    const opened = yield* asking("open", { path, mode: undefined, ...how });
    if (!opened.ok) return this.complain(name, opened.fault.what);
    const handle = opened.value;
    const found = yield* asking("statHandle", { handle });
    const size = found.ok ? found.value.size : 0;
    this.#say(`C${modeText(entry)} ${size} ${name}\n`);
    const end = (yield* this.acknowledged()) ? size : 0;
    for (let at = 0; at < end;) {
      const got = yield* asking("read", { handle, offset: at, length: Math.min(chunkBytes, end - at) });
      if (!got.ok || got.value.length === 0) throw new ScpBroken(`${name}: cannot be read to its end`);
      this.#say(got.value);
      at += got.value.length;
    }
    yield* asking("close", { handle });
    if (end < size) return undefined;
    this.#say("\0");
    yield* this.acknowledged();
    return undefined;
  }
}

type Wants = ScpRun extends Generator<infer W> ? W : never;

const modeText = ({ mode }: Listed): string => mode.toString(8).padStart(4, "0");
