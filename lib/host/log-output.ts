import { closeSync, openSync, writeSync } from "node:fs";

/** Where log lines go: standard error, or a file that can be opened again after rotation. */
export interface LogOutput {
  /** Writes everything before it returns. Throws where the disk is full or the reader is gone. */
  write(text: string): void;
  /** Opens the file anew under its name; keeps the old one where that fails. Nothing for standard error. */
  reopen(): void;
}

const standardError = 2;

export function logOutput(file?: string): LogOutput {
  if (file === undefined) return { write: (text) => writeAll(standardError, text), reopen() {} };
  let fd = openSync(file, "a", 0o640);
  return {
    write: (text) => writeAll(fd, text),
    reopen() {
      const next = openSync(file, "a", 0o640);
      closeSync(fd);
      fd = next;
    },
  };
}

/** Writes all of a text to a descriptor, waiting where a pipe is full. */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  let refusals = 0;
  for (let at = 0; at < bytes.length;) {
    try {
      at += writeSync(fd, bytes, at);
      refusals = 0;
    } catch (error) {
      const full = (error as NodeJS.ErrnoException).code === "EAGAIN";
      if (!full || ++refusals > patience) throw error;
      Bun.sleepSync(1); // a non-blocking pipe whose reader is behind
    }
  }
}

/** Milliseconds a reader of our pipe may stand still before we go on without it. */
const patience = 1000;
