/** The operator's command line. */
import { exitCode } from "../exit-codes.ts";
import { writeLines } from "../fatal.ts";
import { firstRun } from "../first-run.ts";
import { versionLine } from "../version.ts";
import { up } from "./up.ts";

type Verb = (argv: readonly string[]) => number | Promise<number>;

const verbs: Readonly<Record<string, Verb>> = {
  up: (argv) => up(argv, firstRun),
  version() {
    process.stdout.write(`${versionLine("holdfast")}\n`);
    return exitCode.ok;
  },
};

const [name = "help", ...argv] = process.argv.slice(2);
const verb = Object.hasOwn(verbs, name) ? verbs[name] : undefined;
if (verb) process.exit(await verb(argv));
writeLines([`usage: holdfast ${Object.keys(verbs).join("|")}`]);
process.exit(exitCode.usage);
