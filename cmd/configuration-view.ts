import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { ConfigurationView, Format, SettingFacts } from "../lib/admin/configuration-panel.ts";
import { fail, ok, type Result } from "../lib/base/result.ts";
import { load, type Loaded, type LoadRequest } from "../lib/config/load.ts";
import type { Problem } from "../lib/config/problem.ts";
import type { Section } from "../lib/config/section.ts";
import { memorySource, type ConfigSource } from "../lib/config/source.ts";
import { initialText, valueText } from "../lib/config/value-text.ts";
import { replaceFile } from "../lib/store/audit-files.ts";
import { diskSource } from "./config-source.ts";

type Values = ReturnType<ConfigurationView["running"]>;

export interface ConfigurationNeeds {
  /** The data directory, whose folder `settings` keeps what the files said before a change. */
  readonly data: string;
  readonly request: LoadRequest<readonly Section[]>;
  readonly first: Loaded<readonly Section[]>;
  /** The values that the daemon runs with. */
  readonly current: () => object;
  readonly reload: () => Promise<readonly Problem[]>;
}

/** What the admin API shows and changes of a daemon's configuration. */
export function configurationView(needs: ConfigurationNeeds): ConfigurationView {
  const { request, current, reload } = needs;
  const turn = { last: Promise.resolve() };
  return {
    running: () => current() as Values,
    origins: async () => {
      const loaded = await load(request, diskSource());
      const { origins, files } = loaded.ok ? loaded.value : needs.first;
      return { origins: Object.fromEntries(origins), files };
    },
    settings: () => settingsOf(request.sections, current() as Values),
    check: (text, format) => problemsOf(request, text, format),
    change: (setting, text) => {
      const changed = turn.last.then(() => change(needs, setting, text));
      turn.last = changed.then(
        () => {},
        () => {},
      );
      return changed;
    },
    reload,
  };
}

function settingsOf(sections: readonly Section[], values: Values): SettingFacts[] {
  return sections.flatMap(({ name, fields }) =>
    Object.entries(fields).map(([key, field]) => ({
      setting: `${name}.${key}`,
      kind: field.kind,
      doc: field.doc,
      bounds: field.bounds,
      reload: field.reload,
      text: valueText(field, values[name]?.[key]),
      initial: initialText(field),
    })),
  );
}

/** Reads the text as the only file there is. Files and variables that it names are not looked at: whoever
 *  asks could learn from the answer what they hold. */
async function problemsOf(
  request: LoadRequest<readonly Section[]>,
  text: string,
  format: Format,
): Promise<readonly Problem[]> {
  const file = `request.${format}`;
  const asked = { ...request, from: { file }, flags: [] };
  const loaded = await load(asked, memorySource({ [file]: text }));
  return loaded.ok ? [] : loaded.fault;
}

/** Writes one setting into the daemon's own file, comments kept, and reads the configuration again. What the
 *  daemon would not accept is not written. Faults: not-found, conflict, unsupported, read-only, damaged. */
async function change(
  needs: ConfigurationNeeds,
  setting: string,
  text: string | undefined,
): Promise<Result<readonly Problem[]>> {
  const { request, data, reload } = needs;
  const [section = "", key = ""] = setting.split(".");
  const fields = request.sections.find(({ name }) => name === section)?.fields;
  const field = fields && Object.hasOwn(fields, key) ? fields[key] : undefined;
  if (!field) return fail("not-found", "there is no such setting", { where: setting });
  const place = await placeOf(request, setting);
  if (!place.ok) return place;
  const file = place.value;
  try {
    const before = await readFile(file, "utf8").catch(ignoreMissing);
    const value = text === undefined ? undefined : field.fromText(text);
    const { withSetting } = await import("../lib/config/edit-yaml.ts");
    const after = withSetting(before ?? "", section, key, value);
    if (!after.ok) return fail(after.fault.code, after.fault.what, { ...after.fault, where: file });
    const loaded = await load(request, overlay(diskSource(), file, after.value));
    if (!loaded.ok) return ok(loaded.fault);
    await keep(data, request.daemon, before);
    await write(file, after.value);
  } catch (error) {
    const { code = "", message } = error as NodeJS.ErrnoException;
    return fail("read-only", `the file cannot be changed: ${code || message}`, {
      where: file,
      mend: "let the daemon's user write there, or edit it on the host",
    });
  }
  return ok(await reload());
}

/** The daemon's own YAML file. Flags and variables win over files, so that a change would not be seen. */
async function placeOf(request: LoadRequest<readonly Section[]>, setting: string): Promise<Result<string>> {
  const loaded = await load(request, diskSource());
  const origin = loaded.ok ? (loaded.value.origins.get(setting) ?? "default") : "default";
  if (origin.startsWith("--") || origin.startsWith("HOLDFAST_"))
    return fail("conflict", `it is set by ${origin}, which stands above every file`, { where: setting });
  const { from, daemon } = request;
  if ("file" in from)
    return /\.ya?ml$/i.test(from.file)
      ? ok(from.file)
      : fail("unsupported", "only YAML files are changed from here", {
          where: from.file,
          mend: "edit it on the host",
        });
  const names = await diskSource().list(from.folder);
  const other = names.find((name) => name === `${daemon}.json` || name === `${daemon}.ini`);
  if (other !== undefined)
    return fail("unsupported", "only YAML files are changed from here", {
      where: join(from.folder, other),
      mend: "edit it on the host",
    });
  return ok(join(from.folder, names.includes(`${daemon}.yml`) ? `${daemon}.yml` : `${daemon}.yaml`));
}

/** The disk as it would be with that file. */
function overlay(disk: ConfigSource, file: string, text: string): ConfigSource {
  return {
    environment: disk.environment,
    read: async (path, limit) => (path === file ? text : await disk.read(path, limit)),
    async list(folder) {
      const names = await disk.list(folder);
      const mine = file.slice(folder.length + 1);
      return file.startsWith(`${folder}/`) && !mine.includes("/") && !names.includes(mine)
        ? [...names, mine].sort()
        : names;
    },
  };
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}

/** What the file said before, so that a change can be taken back by hand. */
async function keep(data: string, daemon: string, before: string | undefined): Promise<void> {
  if (before === undefined) return;
  const folder = join(data, "settings");
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const stamp = new Date().toISOString().replaceAll(":", "");
  await writeFile(join(folder, `${daemon}-${stamp}.yaml`), before, { mode: 0o600 });
}

async function write(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o750 });
  const mode = await stat(file).then(
    (found) => found.mode & 0o777,
    () => 0o640,
  );
  await replaceFile(file, text);
  await chmod(file, mode);
}
