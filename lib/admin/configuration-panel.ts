import { z } from "@hono/zod-openapi";
import { limits } from "../base/limits.ts";
import { fail, ok, type Result } from "../base/result.ts";
import { placeText, type Problem } from "../config/problem.ts";
import { operation, type AdminPanel, type Operation } from "./panel.ts";

/** A daemon's configuration as the API shows and changes it. */
export interface ConfigurationView {
  /** Values by section and setting; secrets show themselves as "(secret)". */
  running(): Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** Where each setting comes from, by "ftp.listen", as the files are now. */
  origins(): Promise<{
    readonly origins: Readonly<Record<string, string>>;
    readonly files: readonly string[];
  }>;
  /** Every setting there is. */
  settings(): readonly SettingFacts[];
  /** What would be wrong if this were the only file. */
  check(text: string, format: Format): Promise<readonly Problem[]>;
  /** Sets one setting, or takes it out of the file where `text` is undefined. Gives what the daemon would
   *  not accept; nothing is changed then. Faults: not-found, conflict, unsupported, read-only, damaged. */
  change(setting: string, text: string | undefined): Promise<Result<readonly Problem[]>>;
  /** Reads the files again; gives what is wrong with them, and changes nothing then. */
  reload(): Promise<readonly Problem[]>;
}

export interface SettingFacts {
  /** "ftp.idleTimeout" */
  readonly setting: string;
  readonly kind: string;
  readonly doc: string;
  readonly bounds: string;
  readonly reload: "live" | "restart";
  /** The value the daemon runs with, as one writes it. */
  readonly text: string;
  /** The default, as one writes it. */
  readonly initial: string;
}

const Format = z.enum(["yaml", "json", "ini"]);
export type Format = z.output<typeof Format>;

const Configuration = z
  .object({
    values: z.record(z.string(), z.record(z.string(), z.unknown())),
    origins: z.record(z.string(), z.string()),
    files: z.array(z.string()),
  })
  .openapi("Configuration");
const Setting = z
  .object({
    setting: z.string(),
    kind: z.string(),
    doc: z.string(),
    bounds: z.string(),
    reload: z.enum(["live", "restart"]),
    text: z.string(),
    initial: z.string(),
    from: z.string().openapi({ description: "A file, a variable, a flag, or default." }),
  })
  .openapi("Setting");
const SettingPath = z.object({ setting: z.string().max(128) });
const Verdict = z
  .object({
    good: z.boolean(),
    problems: z.array(
      z.object({
        where: z.string(),
        what: z.string(),
        line: z.string().nullable(),
        mend: z.string().nullable(),
      }),
    ),
  })
  .openapi("ConfigurationVerdict");

/** What is set, where it comes from, and whether a change would hold. */
export function configurationPanel(view: ConfigurationView): AdminPanel {
  return {
    name: "Configuration",
    doc: "What is set and where it comes from; whether a text would be accepted; reload.",
    operations: [
      ...settingOperations(view),
      operation({
        id: "readConfiguration",
        method: "get",
        path: "/configuration",
        permission: { house: "house.read" },
        summary: "The effective configuration, without its secrets.",
        answer: Configuration,
        run: async () => {
          const values = JSON.parse(JSON.stringify(view.running())) as Record<
            string,
            Record<string, unknown>
          >;
          const { origins, files } = await view.origins();
          return ok({ values, origins: { ...origins }, files: [...files] });
        },
      }),
      operation({
        id: "checkConfiguration",
        method: "post",
        path: "/configuration/check",
        permission: { house: "house.configure" },
        summary: "Every problem that a configuration file would have. Nothing is changed.",
        body: z.strictObject({ text: z.string().max(limits.documentBytes), format: Format.default("yaml") }),
        answer: Verdict,
        audit: () => ({ verb: "config.reload", target: "check" }),
        run: async ({ body }) => ok(verdict(await view.check(body.text, body.format))),
      }),
      operation({
        id: "reloadConfiguration",
        method: "post",
        path: "/configuration/reload",
        permission: { house: "house.configure" },
        summary: "Read the files again. With a problem everything stays as it was.",
        answer: Verdict,
        audit: () => ({ verb: "config.reload", target: "reload" }),
        run: async () => ok(verdict(await view.reload())),
      }),
    ],
  };
}

const settingOperations = (view: ConfigurationView): Operation[] => [
  operation({
    id: "listSettings",
    method: "get",
    path: "/configuration/settings",
    permission: { house: "house.read" },
    summary: "Every setting: what it is, what it is now, and where that comes from.",
    answer: z.object({ rows: z.array(Setting) }),
    run: async () => {
      const { origins } = await view.origins();
      return ok({ rows: view.settings().map((facts) => settingView(facts, origins)) });
    },
  }),
  operation({
    id: "readSetting",
    method: "get",
    path: "/configuration/settings/{setting}",
    permission: { house: "house.read" },
    summary: "One setting.",
    params: SettingPath,
    answer: Setting,
    run: async ({ params }) => await settingOf(view, params.setting),
  }),
  operation({
    id: "changeSetting",
    method: "put",
    path: "/configuration/settings/{setting}",
    permission: { house: "house.configure" },
    summary: "Set one setting in the daemon's own file, or with null take it out; then reload.",
    params: SettingPath,
    body: z.strictObject({ text: z.string().max(8192).nullable() }),
    answer: Verdict,
    audit: ({ params }) => ({ verb: "config.reload", target: params.setting }),
    current: async ({ params }) => await settingOf(view, params.setting),
    run: async ({ params, body, by }) => {
      const { setting } = params;
      const refused = by.principal.kind === "house" ? ok() : fromAfar(view, setting, body.text);
      if (!refused.ok) return refused;
      const changed = await view.change(setting, body.text ?? undefined);
      return changed.ok ? ok(verdict(changed.value)) : changed;
    },
  }),
];

/** Paths and secrets are the host's own matter: who may only configure the house must not choose what its
 *  daemons read and write, nor draw files and variables into a setting. */
function fromAfar(view: ConfigurationView, setting: string, text: string | null): Result<void> {
  const kind = view.settings().find((facts) => facts.setting === setting)?.kind;
  const hosts = kind === "path" || kind === "secret" || text?.includes("${") === true;
  const mend = "set it on the host: holdfast config set, or in the file";
  return hosts ? fail("denied", "this is set on the host alone", { where: setting, mend }) : ok();
}

async function settingOf(view: ConfigurationView, setting: string): Promise<Result<z.input<typeof Setting>>> {
  const facts = view.settings().find((one) => one.setting === setting);
  if (!facts) return fail("not-found", "there is no such setting", { where: setting });
  return ok(settingView(facts, (await view.origins()).origins));
}

const settingView = (
  facts: SettingFacts,
  origins: Readonly<Record<string, string>>,
): z.input<typeof Setting> => ({ ...facts, from: origins[facts.setting] ?? "default" });

const verdict = (problems: readonly Problem[]): z.input<typeof Verdict> => ({
  good: problems.length === 0,
  problems: problems.slice(0, 100).map(({ what, at, mend }) => ({
    where: placeText(at),
    what,
    line: at.text ?? null,
    mend: mend ?? null,
  })),
});
