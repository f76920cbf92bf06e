import { describe } from "bun:test";
import { fileContentChecks } from "./files-content.conformance.ts";
import { filesChecker, type FilesTraits, type OpenFiles } from "./files-stage.conformance.ts";
import { fileTreeChecks } from "./files-tree.conformance.ts";

/** What every adapter of Files must do, by one suite. */
export function filesConformance(name: string, open: OpenFiles, traits: FilesTraits = {}): void {
  describe(`${name}: the tree`, () => fileTreeChecks(filesChecker(open)));
  describe(`${name}: content`, () => fileContentChecks(filesChecker(open), traits));
}
