import { fail, ok, type Result } from "../../base/result.ts";
import { html, type Markup } from "./markup.ts";
import type { ConsolePage, Next, Visit } from "./page.ts";
import { table, th } from "./parts.ts";

interface SettingRow {
  readonly setting: string;
  readonly kind: string;
  readonly doc: string;
  readonly bounds: string;
  readonly reload: "live" | "restart";
  readonly text: string;
  readonly initial: string;
  readonly from: string;
}

/** What this daemon runs with, what each setting is for, and where it comes from. */
export const settingsPage: ConsolePage = {
  path: "/console/settings",
  nav: "settings",
  async render({ api, service }: Visit) {
    const found = await api.ask<{ rows: SettingRow[] }>("GET", "/configuration/settings");
    if (!found.ok) return found;
    const groups = Map.groupBy(found.value.rows, ({ setting }) => setting.split(".")[0]!);
    const headings = [th("Setting"), th("Value"), th("From")];
    const sheets = [...groups].map(
      ([section, rows]) =>
        html`<section class="sheet">
          <header><h2>${section}</h2></header>
          ${table(headings, rows.map(settingRow), "Nothing is set.", "settings")}
        </section>`,
    );
    const body = html`<form class="row above" method="post">
        <button name="do" value="reload">Read the files again</button>
      </form>
      ${sheets}`;
    return ok({ title: "Settings", lead: `What ${service} runs with. Secrets stay hidden.`, body });
  },
  actions: { reload },
};

function settingRow({ setting, doc, text, from }: SettingRow): Markup {
  const name = setting.slice(setting.indexOf(".") + 1);
  const origin = from === "default" ? html`<span class="faint">default</span>` : html`<code>${from}</code>`;
  return html`<tr>
    <td class="name">
      <a href="/console/settings/${encodeURIComponent(setting)}" title="${doc}">${name}</a>
    </td>
    <td class="mono wrap">${text === "" ? html`<span class="faint">–</span>` : text}</td>
    <td class="wrap">${origin}</td>
  </tr>`;
}

/** One setting, and a form to change it. */
export const settingPage: ConsolePage = {
  path: "/console/settings/:name",
  nav: "settings",
  async render({ api, name }: Visit) {
    const found = await api.ask<SettingRow>("GET", pathOf(name));
    if (!found.ok) return found;
    const { setting, kind, doc, bounds, reload: when, text, initial, from } = found.value;
    const takes = when === "live" ? "at once" : "at the daemon’s next start";
    const hosts = kind === "path" || kind === "secret";
    const form = hosts
      ? html`<p class="pad soft">
          This is set on the host alone: in the file, or with <code>holdfast config set</code>.
        </p>`
      : html`<form class="pad" method="post">
          <div class="fields">
            <label
              >Value<input name="text" value="${text}" placeholder="${initial}" spellcheck="false"
            /></label>
          </div>
          <div class="row foot">
            <button class="first" name="do" value="change">Save</button>
            <button name="do" value="reset">Back to the default</button>
          </div>
        </form>`;
    const body = html`<div class="two">
      <section class="sheet">
        <header><h2>Now</h2></header>
        ${form}
      </section>
      <section class="sheet">
        <header><h2>What it is</h2></header>
        <div class="pad">
          <dl class="facts">
            <dt>Kind</dt>
            <dd>${kind}${bounds !== "" && html`, ${bounds}`}</dd>
            <dt>Default</dt>
            <dd class="mono">${initial === "" ? "–" : initial}</dd>
            <dt>From</dt>
            <dd>${from === "default" ? "default" : html`<code>${from}</code>`}</dd>
            <dt>Takes hold</dt>
            <dd>${takes}</dd>
          </dl>
        </div>
      </section>
    </div>`;
    return ok({ title: setting, lead: doc, crumb: { to: "/console/settings", name: "Settings" }, body });
  },
  actions: {
    change: async ({ api, name, form }) => await put(api, name, form.get("text") ?? ""),
    reset: async ({ api, name }) => await put(api, name, null),
  },
};

const pathOf = (setting: string): string => `/configuration/settings/${encodeURIComponent(setting)}`;

interface Verdict {
  readonly good: boolean;
  readonly problems: readonly { readonly where: string; readonly what: string }[];
}

async function put(api: Visit["api"], setting: string, text: string | null): Promise<Result<Next>> {
  const verdict = await api.ask<Verdict>("PUT", pathOf(setting), { text });
  if (!verdict.ok) return verdict;
  const to = `/console/settings/${encodeURIComponent(setting)}`;
  return verdict.value.good ? ok({ to, did: "changed" }) : notGood(verdict.value, "nothing is changed");
}

async function reload({ api }: Visit): Promise<Result<Next>> {
  const verdict = await api.ask<Verdict>("POST", "/configuration/reload");
  if (!verdict.ok) return verdict;
  if (verdict.value.good) return ok({ to: "/console/settings", did: "reloaded" });
  return notGood(verdict.value, "mend the files; the daemon goes on with what it has");
}

const notGood = ({ problems }: Verdict, mend: string): Result<never> =>
  fail("invalid", problems.map(({ where, what }) => `${where}: ${what}`).join("; "), { mend });
