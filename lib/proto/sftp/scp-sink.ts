import { child, parentOf, parsePath, pathLimits, type Path } from "../../base/path.ts";
import type { Fault } from "../../base/fault.ts";
import { asUnixMs, type UnixMs } from "../../base/time.ts";
import type { ScpCommand } from "./exec-command.ts";
import { asking, bytes, line, ScpBroken, type Say, type ScpRun } from "./scp-session.ts";

const chunkBytes = 256 << 10;

/** "scp -t": takes what the client sends. Each line is answered by a zero byte, or by 1 and why not. */
export function* scpSink(command: ScpCommand, say: Say): ScpRun {
  const target = parsePath(command.paths[0]!);
  if (!target.ok) throw new ScpBroken(target.fault.what);
  const found = yield* asking("stat", { path: target.value });
  const isFolder = found.ok && found.value.kind === "folder";
  if (command.folder && !isFolder) throw new ScpBroken("the target is no folder");
  const sink = new Sink(command, say, target.value, isFolder);
  say("\0");
  for (;;) {
    const text = yield* line();
    if (text.startsWith("\x02")) return 1;
    if (text.startsWith("\x01")) continue;
    yield* sink.take(text);
  }
}

class Sink {
  readonly #command: ScpCommand;
  readonly #say: Say;
  /** Folders entered, the target first. */
  #here: Path;
  #depth = 0;
  /** Whether names go into `#here`, or `#here` is itself the name. */
  #isFolder: boolean;
  #modifiedAt: UnixMs | undefined;

  constructor(command: ScpCommand, say: Say, target: Path, isFolder: boolean) {
    this.#command = command;
    this.#say = say;
    this.#here = target;
    this.#isFolder = isFolder;
  }

  *take(text: string): Steps {
    const times = /^T(\d{1,12}) \d{1,6} (\d{1,12}) \d{1,6}$/.exec(text);
    if (times) {
      this.#modifiedAt = asUnixMs(Number(times[1]) * 1000);
      return this.#say("\0");
    }
    if (text === "E") return this.#goUp();
    const [, kind = "", mode = "", digits = "", name = ""] =
      /^([CD])([0-7]{4}) (\d{1,16}) (.+)$/.exec(text) ?? [];
    const size = Number(digits);
    if (name === "" || !Number.isSafeInteger(size)) throw new ScpBroken("that is no scp");
    if (name.includes("/") || name === "." || name === "..") throw new ScpBroken("the name is no plain name");
    const path = this.#isFolder ? child(this.#here, name) : this.#here;
    const permissions = Number.parseInt(mode, 8) & 0o777;
    return kind === "D" ? yield* this.#enter(path) : yield* this.#receive(path, size, permissions);
  }

  *#enter(path: Path): Steps {
    if (!this.#command.recursive) throw new ScpBroken("a folder came without -r");
    if (path.length > pathLimits.depth) throw new ScpBroken("the folders are too deep");
    const made = yield* asking("makeFolder", { path });
    if (!made.ok && made.fault.code !== "exists") throw new ScpBroken(made.fault.what);
    this.#here = path;
    this.#depth++;
    this.#isFolder = true;
    this.#modifiedAt = undefined;
    this.#say("\0");
  }

  #goUp(): void {
    if (this.#depth-- === 0) throw new ScpBroken("an end without a beginning");
    this.#here = parentOf(this.#here);
    this.#say("\0");
  }

  *#receive(path: Path, size: number, mode: number): Steps {
    const how = { read: false, write: true, append: false, create: "may", truncate: true, mode } as const;
    const opened = yield* asking("open", { path, ...how });
    if (!opened.ok) return this.#complain(opened.fault);
    this.#say("\0");
    const handle = opened.value;
    let failed: Fault | undefined;
    for (let at = 0; at < size;) {
      const data = yield* bytes(Math.min(chunkBytes, size - at));
      const written = failed ? undefined : yield* asking("write", { handle, offset: at, data });
      if (written && !written.ok) failed = written.fault;
      at += data.length;
    }
    const [last] = yield* bytes(1);
    if (last !== 0) throw new ScpBroken("the file's length is not what was said");
    const change = this.#modifiedAt === undefined ? {} : { modifiedAt: this.#modifiedAt };
    this.#modifiedAt = undefined;
    yield* asking("changeHandle", { handle, change: { mode, ...change } });
    const closed = yield* asking("close", { handle });
    if (!closed.ok) failed ??= closed.fault;
    return failed ? this.#complain(failed) : this.#say("\0");
  }

  #complain(fault: Fault): void {
    this.#say(`\x01scp: ${fault.what}\n`);
  }
}

type Steps = Generator<ScpRun extends Generator<infer W> ? W : never, void, unknown>;
