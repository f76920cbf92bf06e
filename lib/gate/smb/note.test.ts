import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { asUnixMs } from "../../base/time.ts";
import { fileTime } from "../../proto/smb/filetime.ts";
import type { FileStat } from "../../store/files.ts";
import { noteOf, noteOver, noteText, type FileNote } from "./note.ts";

const at = asUnixMs(1_700_000_000_123);
const stat = (note: string | undefined, modifiedAt = at): FileStat => ({
  kind: "file",
  size: 0,
  createdAt: at,
  modifiedAt,
  mode: 0o644,
  owner: "",
  group: "",
  id: "1",
  note,
});
const written = fileTime(at) + 4567n;

test("a note comes back, to the last 100 ns, in characters that can be kept", () => {
  const note = {
    attributes: 0x22,
    created: 1n,
    accessed: 2n ** 63n,
    written,
    changed: written,
    tag: "0123456789abcdef",
  };
  expect(noteText(note)).toMatch(/^[\x20-\x7e]{1,200}$/);
  expect(noteOf(stat(noteText(note)))).toEqual(note);
});

test("times of a write that another door has overtaken are not told", () => {
  const note = { attributes: 2, created: 1n, accessed: 5n, written, changed: written };
  const late = noteOf(stat(noteText(note), asUnixMs(at + 60_000)));
  expect(late).toEqual({
    attributes: 2,
    created: 1n,
    accessed: undefined,
    written: undefined,
    changed: undefined,
    tag: undefined,
  });
});

test("any text is a note or none", () => {
  fc.assert(fc.property(fc.string(), (text) => void noteOf(stat(text))));
  const none: FileNote = noteOf(stat(undefined));
  expect(noteText(none)).toBe("");
  expect(noteOver({ attributes: 1, created: 2n }, { attributes: 3 })).toMatchObject({
    attributes: 3,
    created: 2n,
  });
});
