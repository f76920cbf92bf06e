import { readFileSync } from "node:fs";
import { join } from "node:path";
import { completionScript } from "../cmd/holdfast/completion.ts";
import { verbs } from "../cmd/holdfast/verbs.ts";
import { componentList } from "./components.ts";
import { top, type BuildFacts } from "./facts.ts";
import type { PackagedFile } from "./layout.ts";

const text = (name: string): string => readFileSync(join(top, "packaging/text", name), "utf8");
const manual = (name: string): string => readFileSync(join(top, "packaging/manual", name), "utf8");
const plain = (path: string, content: string): PackagedFile => ({
  path,
  mode: 0o644,
  content: { text: content },
});
const packed = (path: string, content: string): PackagedFile => ({
  path: `${path}.gz`,
  mode: 0o644,
  content: { gzip: content },
});

/** The documents of the common package: command line, components, examples of clusters and clouds. */
export function houseDocuments(name: string, facts: BuildFacts): PackagedFile[] {
  const doc = `/usr/share/doc/${name}`;
  return [
    ...aboutPackage(name, facts),
    packed("/usr/share/man/man1/holdfast.1", manual("holdfast.1")),
    plain(`${doc}/README.md`, readFileSync(join(top, "README.md"), "utf8")),
    plain(`${doc}/holdfast.md`, manual("holdfast.md")),
    plain(`${doc}/components.cdx.json`, componentList(facts)),
  ];
}

/** The documents of a daemon: manual page, reference, schema for editors, an example of every setting. */
export function daemonDocuments(name: string, daemon: string, facts: BuildFacts): PackagedFile[] {
  const doc = `/usr/share/doc/${name}`;
  return [
    ...aboutPackage(name, facts),
    packed(`/usr/share/man/man8/${name}.8`, manual(`${name}.8`)),
    plain(`${doc}/${daemon}.md`, manual(`${daemon}.md`)),
    plain(`${doc}/examples/${daemon}.yaml`, manual(`${daemon}.example.yaml`)),
    plain(`/usr/share/holdfast/schema/${daemon}.json`, manual(`${daemon}.schema.json`)),
  ];
}

/** What shells need to complete the command line, where distributions look for it. */
export const completions = (): PackagedFile[] => [
  plain("/usr/share/bash-completion/completions/holdfast", `${completionScript("bash", verbs)}\n`),
  plain("/usr/share/zsh/vendor-completions/_holdfast", `${completionScript("zsh", verbs)}\n`),
  plain("/usr/share/fish/vendor_completions.d/holdfast.fish", `${completionScript("fish", verbs)}\n`),
];

const aboutPackage = (name: string, facts: BuildFacts): PackagedFile[] => [
  plain(`/usr/share/doc/${name}/copyright`, text("copyright")),
  packed(`/usr/share/doc/${name}/changelog`, changelogOf(facts)),
];

/** The change log in Debian's form; a rehearsed version stands in for the newest entry's. */
export const changelogOf = (facts: BuildFacts): string =>
  text("changelog").replace(/^holdfast \([^)]+\)/, `holdfast (${facts.version})`);
