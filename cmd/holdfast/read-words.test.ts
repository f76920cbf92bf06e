import { expect, test } from "bun:test";
import { array, assert, constantFrom, oneof, property, string } from "fast-check";
import { must } from "../../lib/base/result.ts";
import { completionScript } from "./completion.ts";
import { readWords } from "./read-words.ts";
import { helpText, verbHelp } from "./verb-help.ts";
import { verbs } from "./verbs.ts";

const read = (line: string) => readWords(verbs, line.split(" "));
const refused = (line: string) => {
  const words = read(line);
  return words.ok ? undefined : `${words.fault.what}; ${words.fault.mend ?? ""}`;
};

test("verbs, arguments and flags are found wherever they stand", () => {
  const words = must(read("--data /d user add mia --group a --group=b --json --home x/y"));
  expect(words.verb?.name).toBe("user add");
  expect(words.args).toEqual(new Map([["NAME", "mia"]]));
  expect(Object.fromEntries(words.options)).toEqual({
    data: ["/d"],
    group: ["a", "b"],
    json: [""],
    home: ["x/y"],
  });
  expect(must(read("why mia object.read")).args.get("PATH")).toBe("");
  expect(must(read("bucket remove -- --odd")).args.get("NAME")).toBe("--odd");
});

test("what is wrong is told with what was meant", () => {
  expect(refused("user ad mia")).toContain("did you mean: holdfast user add");
  expect(refused("staus")).toContain("did you mean: holdfast status");
  expect(refused("user")).toContain("it can: user list");
  expect(refused("user list --jsno")).toContain("did you mean --json?");
  expect(refused("user add")).toContain("NAME is missing");
  expect(refused("user add mia bob")).toContain('"bob" is one word too many');
  expect(refused("user add mia --home")).toContain("--home needs a value");
  expect(refused("user add mia --home a --home b")).toContain("said twice");
  expect(refused("status --json=yes")).toContain("takes no value");
});

test("every example is a command line that reads", () => {
  for (const { name, examples } of verbs)
    for (const example of examples) {
      const words = readWords(verbs, example.replace(/ [<>|].*$/, "").split(" "));
      expect([example, words.ok && words.value.verb?.name]).toEqual([example, name]);
    }
});

test("help names every verb, and each verb's help every flag of it", () => {
  const all = helpText(verbs, "1.2.3");
  for (const verb of verbs) {
    expect(all).toContain(`  ${verb.name}`);
    for (const { name } of verb.options) expect(verbHelp(verb)).toContain(`--${name}`);
  }
  for (const line of all.split("\n")) expect(line.length).toBeLessThanOrEqual(118);
});

test("the shells can read their completions", () => {
  for (const shell of ["bash", "zsh"] as const) {
    const script = completionScript(shell, verbs);
    const checked = Bun.spawnSync(["bash", "-n"], { stdin: Buffer.from(script) });
    expect([shell, checked.exitCode]).toEqual([shell, 0]);
  }
  const completed = (...words: string[]): string[] => {
    const set = `COMP_WORDS=(${words.map((word) => `"${word}"`).join(" ")}); COMP_CWORD=${words.length - 1}`;
    const script = `${completionScript("bash", verbs)}\n${set}; _holdfast; echo "\${COMPREPLY[@]}"`;
    return Bun.spawnSync(["bash", "-c", script]).stdout.toString().trim().split(" ");
  };
  expect(completed("holdfast", "us")).toEqual(["user"]);
  expect(completed("holdfast", "user", "")).toEqual(["list", "add", "change", "passwd", "totp", "remove"]);
  expect(completed("holdfast", "user", "add", "--ho")).toEqual(["--home"]);
  expect(completed("holdfast", "status", "--j")).toEqual(["--json"]);
  expect(completionScript("fish", verbs)).toContain("complete -c holdfast");
});

test("any words at all are read or refused, never thrown at", () => {
  const word = oneof(
    string(),
    constantFrom("user", "add", "--json", "--", "--data", "-h", "--=", "=", "-", "--home=", "why"),
  );
  assert(property(array(word, { maxLength: 8 }), (argv) => void readWords(verbs, argv)));
});
