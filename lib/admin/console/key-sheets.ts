import { ok, type Result } from "../../base/result.ts";
import { html, type Markup } from "./markup.ts";
import type { ConsolePage, Next, Visit } from "./page.ts";
import { table, th, when } from "./parts.ts";
import type { KeyView, TokenView } from "../keys-panel.ts";

const removal = (action: string, id: string): Markup =>
  html`<form method="post">
    <input type="hidden" name="id" value="${id}" /><button class="quiet danger" name="do" value="${action}">
      Remove
    </button>
  </form>`;

export function keySheet(keys: readonly KeyView[]): Markup {
  const rows = keys.map(
    ({ id, createdAt, expiresAt }) =>
      html`<tr>
        <td class="mono">${id}</td>
        <td>${when(createdAt)}</td>
        <td>${when(expiresAt)}</td>
        <td class="end">${removal("remove-key", id)}</td>
      </tr>`,
  );
  return html`<section class="sheet">
    <header>
      <h2>S3 keys</h2>
      <form method="post"><button name="do" value="add-key">New key pair</button></form>
    </header>
    ${table([th("Access key"), th("Made"), th("Expires"), th("")], rows, "No keys yet.")}
  </section>`;
}

export function tokenSheet(tokens: readonly TokenView[]): Markup {
  const rows = tokens.map(
    ({ id, label, createdAt, expiresAt }) =>
      html`<tr>
        <td>${label}</td>
        <td class="mono">${id}</td>
        <td>${when(createdAt)}</td>
        <td>${when(expiresAt)}</td>
        <td class="end">${removal("remove-token", id)}</td>
      </tr>`,
  );
  return html`<section class="sheet">
    <header>
      <h2>API tokens</h2>
      <form class="row" method="post">
        <input
          name="label"
          required
          maxlength="64"
          placeholder="what it is for"
          aria-label="What it is for"
        /><button name="do" value="add-token">New token</button>
      </form>
    </header>
    ${table([th("For"), th("Token"), th("Made"), th("Expires"), th("")], rows, "No tokens.")}
  </section>`;
}

/** What the sheets' forms do. `whose` is the path beneath /api/v1 that has `/keys` and `/tokens`, and beneath
 *  /console the page they stand on. */
export function keyActions(
  whose: (visit: Visit) => string,
  page = whose,
): NonNullable<ConsolePage["actions"]> {
  const removeOf = async (visit: Visit, kind: "keys" | "tokens"): Promise<Result<Next>> => {
    const id = encodeURIComponent(visit.form.get("id") ?? "");
    const removed = await visit.api.ask("DELETE", `${whose(visit)}/${kind}/${id}`);
    return removed.ok ? ok({ to: `/console${page(visit)}`, did: "removed" }) : removed;
  };
  return {
    "add-key": async (visit) => await addKey(visit, whose(visit)),
    "remove-key": async (visit) => await removeOf(visit, "keys"),
    "add-token": async (visit) => await addToken(visit, whose(visit)),
    "remove-token": async (visit) => await removeOf(visit, "tokens"),
  };
}

async function addKey({ api }: Visit, path: string): Promise<Result<Next>> {
  const made = await api.ask<{ id: string; secret: string }>("POST", `${path}/keys`, {});
  if (!made.ok) return made;
  const { id, secret } = made.value;
  return ok({
    about: "A new key pair.",
    shown: [
      ["Access key", id],
      ["Secret key", secret],
    ],
  });
}

async function addToken({ api, form }: Visit, path: string): Promise<Result<Next>> {
  const label = form.get("label") ?? "";
  const made = await api.ask<{ token: string }>("POST", `${path}/tokens`, { label });
  return made.ok ? ok({ about: `A new token for ${label}.`, shown: [["Token", made.value.token]] }) : made;
}
