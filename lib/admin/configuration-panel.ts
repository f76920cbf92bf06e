import { z } from "@hono/zod-openapi";
import { limits } from "../base/limits.ts";
import { ok } from "../base/result.ts";
import { placeText, type Problem } from "../config/problem.ts";
import { operation, type AdminPanel } from "./panel.ts";

/** A daemon's configuration as the API shows it. */
export interface ConfigurationView {
  /** Values by section and setting, secrets as "(secret)"; where each comes from, by "ftp.listen". */
  effective(): {
    readonly values: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly origins: Readonly<Record<string, string>>;
    readonly files: readonly string[];
  };
  /** What would be wrong if this were the only file. */
  check(text: string, format: Format): Promise<readonly Problem[]>;
  /** Reads the files again; gives what is wrong with them, and changes nothing then. */
  reload(): Promise<readonly Problem[]>;
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
      operation({
        id: "readConfiguration",
        method: "get",
        path: "/configuration",
        permission: { house: "house.read" },
        summary: "The effective configuration, without its secrets.",
        answer: Configuration,
        run: async () => {
          const { values, origins, files } = view.effective();
          const shown = JSON.parse(JSON.stringify(values)) as Record<string, Record<string, unknown>>;
          return ok({ values: shown, origins: { ...origins }, files: [...files] });
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

const verdict = (problems: readonly Problem[]): z.input<typeof Verdict> => ({
  good: problems.length === 0,
  problems: problems.slice(0, 100).map(({ what, at, mend }) => ({
    where: placeText(at),
    what,
    line: at.text ?? null,
    mend: mend ?? null,
  })),
});
