import type { ConfigurationView, Format } from "../lib/admin/configuration-panel.ts";
import { load, type Loaded, type LoadRequest } from "../lib/config/load.ts";
import type { Problem } from "../lib/config/problem.ts";
import type { Section } from "../lib/config/section.ts";
import { memorySource } from "../lib/config/source.ts";

/** What the admin API shows of a daemon's configuration. */
export function configurationView(
  request: LoadRequest<readonly Section[]>,
  first: Loaded<readonly Section[]>,
  current: () => object,
  reload: () => Promise<readonly Problem[]>,
): ConfigurationView {
  return {
    effective: () => ({
      values: current() as ReturnType<ConfigurationView["effective"]>["values"],
      origins: Object.fromEntries(first.origins),
      files: first.files,
    }),
    check: (text, format) => problemsOf(request, text, format),
    reload,
  };
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
