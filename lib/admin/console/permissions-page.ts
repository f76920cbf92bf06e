import { ok, type Result } from "../../base/result.ts";
import { verbs } from "../../rules/access.ts";
import { html, type Markup } from "./markup.ts";
import type { ConsolePage, Next, Visit } from "./page.ts";
import { table, th } from "./parts.ts";
import { whoText } from "../grant-text.ts";
import type { GrantView } from "../grants-panel.ts";

/** The permission list, and why a decision falls as it does. */
export const permissionsPage: ConsolePage = {
  path: "/console/permissions",
  nav: "permissions",
  async render({ api, query }: Visit) {
    const grants = await api.ask<{ rows: GrantView[] }>("GET", "/grants");
    if (!grants.ok) return grants;
    const why = await whySheet(api, query);
    const headings = [th("Effect"), th("Who"), th("Where"), th("May"), th("")];
    const body = html`${addForm}
      <section class="sheet">${table(headings, grants.value.rows.map(grantRow), "No grants yet.")}</section>
      ${why}`;
    const lead =
      "Owners may do everything in their buckets, administrators everything; others what is listed here. " +
      "A deny stands above all.";
    return ok({ title: "Permissions", lead, body });
  },
  actions: { add: addGrant, remove: removeGrant },
};

const sets = [
  ["read", "read", "object.read object.list version.read bucket.read"],
  ["write", "read and write", "object.read object.list version.read bucket.read object.write"],
  [
    "full",
    "read, write and delete",
    "object.read object.list version.read bucket.read object.write object.delete",
  ],
  ["drop", "write without seeing (drop box)", "object.write"],
  ["house", "look at the house", "house.read"],
] as const;

const addForm = html`<details class="add">
  <summary class="button first">New grant</summary>
  <form class="sheet pad" method="post">
    <div class="fields">
      <label>Who<input name="who" required placeholder="mia, group:staff, everyone" /></label>
      <label
        >May<select name="set">
          ${sets.map(([value, text]) => html`<option value="${value}">${text}</option>`)}
        </select></label
      >
      <label>Where<input name="where" placeholder="everywhere; bucket/folder/" /></label>
      <label
        >Effect<select name="effect">
          <option value="allow">allow</option>
          <option value="deny">deny</option>
        </select></label
      >
    </div>
    <div class="row foot"><button class="first" name="do" value="add">Add the grant</button></div>
  </form>
</details>`;

function grantRow({ id, effect, who, bucket, prefix, verbs }: GrantView): Markup {
  const where = bucket === "*" && prefix === "" ? "everywhere" : `${bucket}/${prefix}`;
  return html`<tr>
    <td><span class="tag ${effect === "deny" ? "coral" : "kelp"}">${effect}</span></td>
    <td class="name">${whoText(who)}</td>
    <td class="mono wrap">${where}</td>
    <td class="soft wrap">${verbs.join(", ")}</td>
    <td class="end">
      <form method="post">
        <input type="hidden" name="id" value="${id}" /><button class="quiet danger" name="do" value="remove">
          Remove
        </button>
      </form>
    </td>
  </tr>`;
}

const verdictTag = (allowed: boolean): Markup =>
  html`<span class="tag ${allowed ? "kelp" : "coral"}">${allowed ? "allowed" : "refused"}</span>`;

async function whySheet(api: Visit["api"], query: URLSearchParams): Promise<Markup> {
  const user = query.get("user") ?? "";
  const verb = query.get("verb") ?? "object.read";
  const path = query.get("path") ?? "";
  const asked = new URLSearchParams({ user, verb, path }).toString();
  const told =
    user === "" ? undefined : await api.ask<{ allowed: boolean; chain: string[] }>("GET", `/why?${asked}`);
  const options = verbs.map((one) => html`<option${one === verb && html` selected`}>${one}</option>`);
  const answer =
    told &&
    (told.ok
      ? html`<ol class="chain">
          ${told.value.chain.map((line) => html`<li>${line}</li>`)}
        </ol>`
      : html`<p class="chain">${told.fault.what}${told.fault.where && `: ${told.fault.where}`}</p>`);
  return html`<section class="sheet">
    <header>
      <h2>Why?</h2>
      ${told?.ok && verdictTag(told.value.allowed)}
    </header>
    <div class="pad">
      <form method="get">
        <div class="fields">
          <label>User<input name="user" required value="${user}" placeholder="mia" /></label>
          <label
            >Wants to<select name="verb">
              ${options}
            </select></label
          >
          <label>On<input name="path" value="${path}" placeholder="bucket/key; the house" /></label>
        </div>
        <div class="row foot"><button>Explain</button></div>
      </form>
      ${answer}
    </div>
  </section>`;
}

async function addGrant({ api, form }: Visit): Promise<Result<Next>> {
  const who = (form.get("who") ?? "").trim();
  const [bucket = "", ...rest] = (form.get("where") ?? "").trim().replace(/^\/+/, "").split("/");
  const set = sets.find(([name]) => name === form.get("set"));
  const added = await api.ask("POST", "/grants", {
    effect: form.get("effect") ?? "allow",
    who:
      who === "everyone"
        ? { everyone: true }
        : who.startsWith("group:")
          ? { group: who.slice("group:".length) }
          : { user: who },
    verbs: set?.[2].split(" ") ?? [],
    bucket: bucket === "" ? "*" : bucket,
    prefix: rest.join("/"),
  });
  return added.ok ? ok({ to: "/console/permissions", did: "added" }) : added;
}

async function removeGrant({ api, form }: Visit): Promise<Result<Next>> {
  const removed = await api.ask("DELETE", `/grants/${encodeURIComponent(form.get("id") ?? "")}`);
  return removed.ok ? ok({ to: "/console/permissions", did: "removed" }) : removed;
}
