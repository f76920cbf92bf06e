/** The operator's command line. */
import { resolve } from "node:path";
import { processEnvironment } from "../../lib/config/environment.ts";
import { exitCode, exitCodeOf } from "../exit-codes.ts";
import { catchFatal } from "../fatal.ts";
import { defaultDataDirectory } from "../places.ts";
import { build } from "../version.ts";
import { findHouse } from "../house-client.ts";
import { Printer } from "./printer.ts";
import { readWords, type Words } from "./read-words.ts";
import type { Call } from "./verb.ts";
import { helpText, verbHelp } from "./verb-help.ts";
import { verbs } from "./verbs.ts";

async function main(argv: readonly string[]): Promise<number> {
  if (argv[0] === "up") {
    const [{ up }, { firstRun }] = await Promise.all([import("./up.ts"), import("../first-run.ts")]);
    return await up(argv.slice(1), firstRun);
  }
  catchFatal();
  process.umask(0o077);
  const asked =
    argv[0] === "help" ? [...argv.slice(1), "--help"] : argv[0] === "--version" ? ["version"] : argv;
  const words = readWords(verbs, asked);
  const print = printerFor(
    words.ok ? words.value.options : new Map([["json", asked.includes("--json") ? [""] : []]]),
  );
  if (!words.ok) {
    print.refuse(words.fault);
    return exitCode.usage;
  }
  const { verb, options } = words.value;
  if (!verb || options.has("help")) {
    print.line(verb ? verbHelp(verb) : helpText(verbs, build().version));
    return verb || options.has("help") ? exitCode.ok : exitCode.usage;
  }
  return await verb.run(callOf(words.value, print));
}

function printerFor(options: ReadonlyMap<string, readonly string[]>): Printer {
  const plain = options.has("no-color") || Boolean(processEnvironment()["NO_COLOR"]) || !process.stdout.isTTY;
  return new Printer({
    json: (options.get("json") ?? []).length > 0,
    quiet: options.has("quiet"),
    colour: !plain,
  });
}

function callOf({ args, options }: Words, print: Printer): Call {
  const named = options.get("data")?.at(-1) ?? processEnvironment()["HOLDFAST_DATA_DIR"];
  const data = named === undefined ? defaultDataDirectory(processEnvironment()) : resolve(named);
  return {
    print,
    data,
    arg: (name) => args.get(name) ?? "",
    option: (name) => options.get(name)?.at(-1),
    options: (name) => options.get(name) ?? [],
    flag: (name) => options.has(name),
    async house(direct) {
      const found = await findHouse(data);
      const alone = !found.ok && found.fault.code === "unavailable" && data !== undefined;
      if (direct === undefined || !alone) return found;
      const { openDirectly } = await import("./direct-house.ts");
      const opened = await openDirectly(data);
      const nothing = !opened.ok && opened.fault.code === "unavailable";
      return nothing ? found : opened;
    },
    refuse(fault) {
      print.refuse(fault);
      return exitCodeOf[fault.code];
    },
  };
}

process.exitCode = await main(process.argv.slice(2));
