import { appendFile, stat } from "node:fs/promises";
import type { Log } from "../../lib/watch/log.ts";
import { transferHead, transferLine, type TransferRow } from "../../lib/watch/transfer-line.ts";
import type { FtpdConfig } from "./config.ts";

const flushMs = 300;
const mostLines = 10_000;

/** The file that tells of every transfer, line by line. It is opened anew for each batch: whoever rotates
 *  logs may move it away at any time. */
export class TransferLog implements AsyncDisposable {
  readonly #config: FtpdConfig["transfers"];
  readonly #log: Log;
  #lines: string[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(config: FtpdConfig["transfers"], log: Log) {
    this.#config = config;
    this.#log = log;
  }

  add(row: TransferRow): void {
    if (this.#config.logFile === undefined || this.#lines.length >= mostLines) return;
    this.#lines.push(`${transferLine[this.#config.logFormat](row)}\n`);
    this.#timer ??= setTimeout(() => this.#flush(), flushMs);
  }

  #flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const text = this.#lines.join("");
    this.#lines = [];
    if (text !== "") this.#writing = this.#writing.then(() => this.#append(this.#config.logFile!, text));
  }

  async #append(path: string, text: string): Promise<void> {
    try {
      const isNew = await stat(path).then(
        ({ size }) => size === 0,
        () => true,
      );
      await appendFile(path, (isNew ? transferHead[this.#config.logFormat] : "") + text, { mode: 0o640 });
    } catch (error) {
      this.#log.error("the transfer log cannot be written", { path, what: (error as Error).message });
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#flush();
    await this.#writing;
  }
}
