import { fail, ok, type Result } from "../../base/result.ts";
import { html, type Markup } from "./markup.ts";
import { keyActions, keySheet, tokenSheet } from "./key-sheets.ts";
import type { ConsolePage, Next, Visit } from "./page.ts";
import { when } from "./parts.ts";
import { homeText, stateOf } from "./users-page.ts";
import type { KeyView, TokenView } from "../keys-panel.ts";
import type { UserView } from "../users-panel.ts";

/** Who one is in this house, and one's own password, keys and tokens. */
export const youPage: ConsolePage = {
  path: "/console/you",
  nav: "you",
  async render({ api }: Visit) {
    const [me, keys, tokens] = await Promise.all([
      api.ask<{ user: UserView | null }>("GET", "/me"),
      api.ask<{ rows: KeyView[] }>("GET", "/me/keys"),
      api.ask<{ rows: TokenView[] }>("GET", "/me/tokens"),
    ]);
    if (!me.ok) return me;
    if (!keys.ok) return keys;
    if (!tokens.ok) return tokens;
    if (!me.value.user) return fail("unauthenticated", "nobody is signed in");
    const user = me.value.user;
    const body = html`<div class="two">${facts(user)}${password}</div>
      ${keySheet(keys.value.rows)}${tokenSheet(tokens.value.rows)}`;
    return ok({ title: user.name, lead: "What you are in this house, and how you come in.", body });
  },
  actions: {
    password: changePassword,
    ...keyActions(
      () => "/me",
      () => "/you",
    ),
  },
};

const none = html`<span class="faint">none</span>`;

const facts = (user: UserView): Markup =>
  html`<section class="sheet">
    <header><h2>You</h2></header>
    <div class="pad">
      <dl class="facts">
        <dt>Role</dt>
        <dd>${stateOf(user)}</dd>
        <dt>Groups</dt>
        <dd>${user.groups.length === 0 ? none : user.groups.join(", ")}</dd>
        <dt>Home</dt>
        <dd>${user.home === null ? none : html`<code>${homeText(user.home)}</code>`}</dd>
        <dt>Expires</dt>
        <dd>${when(user.expiresAt)}</dd>
      </dl>
    </div>
  </section>`;

const password = html`<section class="sheet">
  <header><h2>Password</h2></header>
  <form class="pad" method="post">
    <div class="fields">
      <label>Now<input name="current" type="password" required autocomplete="current-password" /></label>
      <label>New<input name="next" type="password" required autocomplete="new-password" /></label>
    </div>
    <div class="row foot"><button class="first" name="do" value="password">Change it</button></div>
  </form>
</section>`;

async function changePassword({ api, form }: Visit): Promise<Result<Next>> {
  const body = { current: form.get("current") ?? "", next: form.get("next") ?? "" };
  const changed = await api.ask("PUT", "/me/password", body);
  return changed.ok ? ok({ to: "/console/you", did: "changed" }) : changed;
}
