import { ok, type Result } from "../../base/result.ts";
import { html, type Markup } from "./markup.ts";
import type { ConsolePage, Next, Visit } from "./page.ts";
import { keyActions, keySheet, tokenSheet } from "./key-sheets.ts";
import { sure } from "./parts.ts";
import { groupsOf, homeOf, homeText, stateOf } from "./users-page.ts";
import type { KeyView, TokenView } from "../keys-panel.ts";
import type { UserView } from "../users-panel.ts";

const pathOf = (name: string): string => `/users/${encodeURIComponent(name)}`;

/** One user: what they are, their password, keys and tokens. */
export const userPage: ConsolePage = {
  path: "/console/users/:name",
  nav: "users",
  async render({ api, name }: Visit) {
    const [user, keys, tokens] = await Promise.all([
      api.ask<UserView>("GET", pathOf(name)),
      api.ask<{ rows: KeyView[] }>("GET", `${pathOf(name)}/keys`),
      api.ask<{ rows: TokenView[] }>("GET", `${pathOf(name)}/tokens`),
    ]);
    if (!user.ok) return user;
    if (!keys.ok) return keys;
    if (!tokens.ok) return tokens;
    const body = html`<div class="two">${profile(user.value)}${password}</div>
      ${keySheet(keys.value.rows)}${tokenSheet(tokens.value.rows)}
      <section class="sheet">
        <header><h2>Leave</h2></header>
        <div class="pad row">
          <form method="post">
            <button name="do" value="${user.value.disabled ? "enable" : "disable"}">
              ${user.value.disabled ? "Enable" : "Disable"}
            </button>
          </form>
          ${sure("Remove this user…", "remove", `Remove ${name}, with keys and tokens`)}
        </div>
      </section>`;
    return ok({
      title: name,
      lead: stateOf(user.value),
      crumb: { to: "/console/users", name: "Users" },
      body,
    });
  },
  actions: {
    change: async (visit) => await change(visit, profileOf(visit.form)),
    password: async (visit) => await change(visit, { password: visit.form.get("password") ?? "" }),
    disable: async (visit) => await change(visit, { disabled: true }),
    enable: async (visit) => await change(visit, { disabled: false }),
    remove: removeUser,
    ...keyActions(({ name }) => pathOf(name)),
  },
};

function profile({ role, groups, home }: UserView): Markup {
  const option = (value: string, text: string): Markup =>
    html`<option value="${value}" ${value === role && html` selected`}>${text}</option>`;
  return html`<section class="sheet">
    <header><h2>Profile</h2></header>
    <form class="pad" method="post">
      <div class="fields">
        <label
          >Role<select name="role">
            ${option("user", "user")}${option("admin", "administrator")}
          </select></label
        >
        <label>Groups<input name="groups" value="${groups.join(", ")}" /></label>
        <label
          >Home of the file doors<input name="home" value="${homeText(home)}" placeholder="none"
        /></label>
      </div>
      <div class="row foot"><button class="first" name="do" value="change">Save</button></div>
    </form>
  </section>`;
}

const password = html`<section class="sheet">
  <header><h2>Password</h2></header>
  <form class="pad" method="post">
    <div class="fields">
      <label
        >New password<input name="password" type="password" required autocomplete="new-password"
      /></label>
    </div>
    <div class="row foot"><button name="do" value="password">Set the password</button></div>
  </form>
</section>`;

const profileOf = (form: URLSearchParams): object => ({
  role: form.get("role") ?? "user",
  groups: groupsOf(form.get("groups") ?? ""),
  home: homeOf(form.get("home") ?? ""),
});

async function change({ api, name }: Visit, what: object): Promise<Result<Next>> {
  const changed = await api.ask("PATCH", pathOf(name), what);
  return changed.ok ? ok({ to: `/console${pathOf(name)}`, did: "changed" }) : changed;
}

async function removeUser({ api, name }: Visit): Promise<Result<Next>> {
  const removed = await api.ask("DELETE", pathOf(name));
  return removed.ok ? ok({ to: "/console/users", did: "removed" }) : removed;
}
