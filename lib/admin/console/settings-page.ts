import { fail, ok, type Result } from "../../base/result.ts";
import { html, type Markup } from "./markup.ts";
import type { ConsolePage, Next, Visit } from "./page.ts";
import { table, th } from "./parts.ts";

interface Configuration {
  readonly values: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly origins: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

/** What is set in this daemon, and where it comes from. */
export const settingsPage: ConsolePage = {
  path: "/console/settings",
  nav: "settings",
  async render({ api, service }: Visit) {
    const found = await api.ask<Configuration>("GET", "/configuration");
    if (!found.ok) return found;
    const { values, origins, files } = found.value;
    const set = Object.entries(values).filter(([, fields]) => Object.keys(fields).length > 0);
    const sheets = set.map(([section, fields]) => {
      const rows = Object.entries(fields).map(([key, value]) =>
        settingRow(key, value, origins[`${section}.${key}`]),
      );
      return html`<section class="sheet">
        <header><h2>${section}</h2></header>
        ${table([th("Setting"), th("Value"), th("From")], rows, "Nothing is set.", "settings")}
      </section>`;
    });
    const from = files.length === 0 ? "No files: everything is as it comes." : `From ${files.join(", ")}.`;
    const body = html`<form class="row above" method="post">
        <button name="do" value="reload">Read the files again</button><span class="soft">${from}</span>
      </form>
      ${sheets}`;
    return ok({ title: "Settings", lead: `What ${service} runs with. Secrets stay hidden.`, body });
  },
  actions: { reload },
};

function settingRow(key: string, value: unknown, origin = "default"): Markup {
  const from = origin === "default" ? html`<span class="faint">default</span>` : html`<code>${origin}</code>`;
  return html`<tr>
    <td class="name">${key}</td>
    <td class="mono wrap">${plainText(value)}</td>
    <td>${from}</td>
  </tr>`;
}

function plainText(value: unknown): string {
  if (value === undefined || value === null) return "–";
  if (typeof value === "string") return value;
  if (typeof value === "object" && "host" in value && "port" in value) {
    const host = String(value.host);
    return `${host.includes(":") ? `[${host}]` : host}:${String(value.port)}`;
  }
  return JSON.stringify(value);
}

interface Verdict {
  readonly good: boolean;
  readonly problems: readonly { readonly where: string; readonly what: string }[];
}

async function reload({ api }: Visit): Promise<Result<Next>> {
  const verdict = await api.ask<Verdict>("POST", "/configuration/reload");
  if (!verdict.ok) return verdict;
  if (verdict.value.good) return ok({ to: "/console/settings", did: "reloaded" });
  const said = verdict.value.problems.map(({ where, what }) => `${where}: ${what}`).join("; ");
  return fail("invalid", said, { mend: "mend the files; the daemon goes on with what it has" });
}
