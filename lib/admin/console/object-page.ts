import { bytesText } from "../../base/amount-text.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { ObjectView } from "../objects-panel.ts";
import { contentLink, folderLink, objectLink } from "./folder-sheet.ts";
import { html, type Markup } from "./markup.ts";
import type { ConsolePage, Next, Visit } from "./page.ts";
import { sure, table, th, when } from "./parts.ts";

/** One object: what it is, and every version that is kept of it. */
export const objectPage: ConsolePage = {
  path: "/console/buckets/:name/object",
  nav: "buckets",
  async render({ api, name: bucket, query }: Visit) {
    const key = query.get("key") ?? "";
    const found = await api.ask<{ rows: ObjectView[] }>(
      "GET",
      `${pathOf(bucket)}/versions?key=${encodeURIComponent(key)}`,
    );
    if (!found.ok) return found;
    const current = found.value.rows.find(({ latest }) => latest);
    if (!current)
      return fail("not-found", "nothing of this name is kept here", { where: `${bucket}/${key}` });
    const folder = key.slice(0, key.lastIndexOf("/", key.length - 2) + 1);
    const body = html`<div class="two">${currentSheet(bucket, current)}${removeSheet(current)}</div>
      ${versionsSheet(bucket, found.value.rows)}`;
    return ok({
      title: key.slice(folder.length) || key,
      crumb: { to: folderLink(bucket, folder), name: `${bucket}/${folder}` },
      body,
    });
  },
  actions: {
    remove: async (visit) => await remove(visit, undefined),
    "remove-version": async (visit) => await remove(visit, visit.form.get("version") ?? ""),
    restore,
  },
};

const pathOf = (bucket: string): string => `/buckets/${encodeURIComponent(bucket)}`;

const saveLink = (to: string, how: string): Markup =>
  html`<a class="${how}" href="${to}" download>Download</a>`;

function currentSheet(bucket: string, one: ObjectView): Markup {
  const facts = one.removed
    ? html`<p class="pad soft">It was removed ${when(one.createdAt)}. Older versions are kept below.</p>`
    : html`<div class="pad">
        <dl class="facts">
          <dt>Size</dt>
          <dd>${bytesText(one.size)} <span class="faint">(${one.size.toLocaleString("en")} bytes)</span></dd>
          <dt>Type</dt>
          <dd>${one.contentType ?? html`<span class="faint">not said</span>`}</dd>
          <dt>ETag</dt>
          <dd class="mono wrap">${one.etag}</dd>
          <dt>Written</dt>
          <dd>${when(one.createdAt)}</dd>
        </dl>
      </div>`;
  return html`<section class="sheet">
    <header>
      <h2>Now</h2>
      ${!one.removed && saveLink(contentLink(bucket, one.key), "button first")}
    </header>
    ${facts}
  </section>`;
}

const goneForGood = "This bucket keeps only the latest: it is gone for good.";
const canComeBack = "Its versions stay, and can be brought back.";

const removeSheet = (one: ObjectView): Markup | false =>
  !one.removed &&
  html`<section class="sheet">
    <header><h2>Remove</h2></header>
    <div class="pad row">
      <span class="soft">${one.version === "null" ? goneForGood : canComeBack}</span
      >${sure("Remove this object…", "remove", "Remove it")}
    </div>
  </section>`;

function versionsSheet(bucket: string, versions: readonly ObjectView[]): Markup | false {
  if (versions.length === 1 && versions[0]?.version === "null") return false;
  const headings = [th("Version"), th("Size", "num"), th("Written"), th("")];
  return html`<section class="sheet">
    <header><h2>Versions</h2></header>
    ${table(
      headings,
      versions.map((one) => versionRow(bucket, one)),
      "None.",
      "browse",
    )}
  </section>`;
}

function versionRow(bucket: string, one: ObjectView): Markup {
  const state = one.removed
    ? html`<span class="tag">removed</span>`
    : one.latest && html`<span class="tag kelp">now</span>`;
  return html`<tr>
    <td class="mono">${one.version} ${state}</td>
    <td class="num">${!one.removed && bytesText(one.size)}</td>
    <td>${when(one.createdAt)}</td>
    <td class="end">
      <div class="row">
        ${!one.removed && saveLink(contentLink(bucket, one.key, one.version), "quiet")}
        ${!one.removed && !one.latest && versionForm("restore", one.version, "Bring back")}
        <details class="sure">
          <summary>Remove…</summary>
          ${versionForm("remove-version", one.version, "For good", "danger")}
        </details>
      </div>
    </td>
  </tr>`;
}

const versionForm = (action: string, version: string, label: string, how = "quiet"): Markup =>
  html`<form method="post">
    <input type="hidden" name="version" value="${version}" />
    <button class="${how}" name="do" value="${action}">${label}</button>
  </form>`;

async function remove(
  { api, name: bucket, query }: Visit,
  version: string | undefined,
): Promise<Result<Next>> {
  const key = query.get("key") ?? "";
  const of = version === undefined ? "" : `&version=${encodeURIComponent(version)}`;
  const removed = await api.ask("DELETE", `${pathOf(bucket)}/object?key=${encodeURIComponent(key)}${of}`);
  if (!removed.ok) return removed;
  const left = await api.ask<{ rows: ObjectView[] }>(
    "GET",
    `${pathOf(bucket)}/versions?key=${encodeURIComponent(key)}`,
  );
  const folder = key.slice(0, key.lastIndexOf("/", key.length - 2) + 1);
  const to = left.ok && left.value.rows.length > 0 ? objectLink(bucket, key) : folderLink(bucket, folder);
  return ok({ to, did: "removed" });
}

async function restore({ api, name: bucket, query, form }: Visit): Promise<Result<Next>> {
  const key = query.get("key") ?? "";
  const version = form.get("version") ?? "";
  const restored = await api.ask("POST", `${pathOf(bucket)}/object/restore`, { key, version });
  return restored.ok ? ok({ to: objectLink(bucket, key), did: "restored" }) : restored;
}
