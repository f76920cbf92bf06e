import { exitCode } from "../exit-codes.ts";
import { build, versionLine } from "../version.ts";
import type { Verb } from "./verb.ts";

export const version: Verb = {
  name: "version",
  does: "which build this is",
  args: [],
  options: [],
  examples: ["version"],
  async run({ print }) {
    print.answer({ ...build(), runtime: `bun ${Bun.version}` }, () => print.line(versionLine("holdfast")));
    return exitCode.ok;
  },
};
