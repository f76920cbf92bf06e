import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { empty } from "../../lib/base/bytes.ts";

/** Where durable handles wait between two runs of the daemon. It is written when one stops and gone once the
 *  next has read it: after a crash there is none, and clients open their files anew. */
export function handleJournalFile(data: string): { take(): Uint8Array; keep(journal: Uint8Array): void } {
  const file = join(data, "smb-handles");
  return {
    take() {
      const taken = contentOf(file);
      rmSync(file, { force: true });
      return taken;
    },
    keep(journal) {
      mkdirSync(data, { recursive: true });
      writeFileSync(`${file}.new`, journal, { mode: 0o600 });
      renameSync(`${file}.new`, file);
    },
  };
}

function contentOf(file: string): Uint8Array {
  try {
    return readFileSync(file);
  } catch {
    return empty;
  }
}
