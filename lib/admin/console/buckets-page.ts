import { bytesText } from "../../base/amount-text.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { readSize } from "../../config/quantity.ts";
import { folderSheet } from "./folder-sheet.ts";
import { html, type Markup } from "./markup.ts";
import type { ConsolePage, Next, Visit } from "./page.ts";
import { bar, pager, sure, table, th, when } from "./parts.ts";
import type { BucketView } from "../buckets-panel.ts";
import type { FolderPage } from "../objects-panel.ts";
import type { PageOf } from "../panel.ts";

/** Every bucket, and a form for one more. */
export const bucketsPage: ConsolePage = {
  path: "/console/buckets",
  nav: "buckets",
  async render({ api, query }: Visit) {
    const cursor = query.get("cursor");
    const page = await api.ask<PageOf<BucketView>>(
      "GET",
      `/buckets?limit=100${cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    if (!page.ok) return page;
    const headings = [
      th("Name"),
      th("Owner"),
      th("Objects", "num"),
      th("Keeps", "num"),
      th("Quota"),
      th("Versions"),
      th("Made"),
    ];
    const body = html`${addForm}
      <section class="sheet">
        ${table(headings, page.value.rows.map(bucketRow), "No buckets yet.")}
        ${pager("/console/buckets", page.value.next)}
      </section>`;
    return ok({
      title: "Buckets",
      lead: "What is kept, whoever’s it is and through whichever door it came.",
      body,
    });
  },
  actions: { add: addBucket },
};

const addForm = html`<details class="add">
  <summary class="button first">New bucket</summary>
  <form class="sheet pad" method="post">
    <div class="fields">
      <label
        >Name<input
          name="name"
          required
          minlength="3"
          maxlength="63"
          pattern="[a-z0-9][a-z0-9.\\-]+[a-z0-9]"
          placeholder="projects"
      /></label>
      <label>Owner<input name="owner" placeholder="you" /></label>
      <label>Quota<input name="quota" placeholder="no limit; 10GiB" /></label>
      <label
        >Versions<select name="versioning">
          <option value="off">keep only the latest</option>
          <option value="enabled">keep what is overwritten</option>
        </select></label
      >
    </div>
    <div class="row foot"><button class="first" name="do" value="add">Make the bucket</button></div>
  </form>
</details>`;

const versionTag = (versioning: string): Markup =>
  versioning === "enabled"
    ? html`<span class="tag kelp">kept</span>`
    : html`<span class="tag">${versioning === "off" ? "latest only" : "suspended"}</span>`;

function bucketRow({ name, owner, usage, quota, versioning, createdAt }: BucketView): Markup {
  const full = quota.bytes === null ? undefined : usage.bytes / Math.max(1, quota.bytes);
  const room =
    full === undefined || quota.bytes === null
      ? html`<span class="faint">none</span>`
      : html`${bar(full, `${Math.round(full * 100)} % of ${bytesText(quota.bytes)}`)}<span class="soft"
            >${Math.round(full * 100)} % of ${bytesText(quota.bytes)}</span
          >`;
  return html`<tr>
    <td class="name"><a href="/console/buckets/${encodeURIComponent(name)}">${name}</a></td>
    <td>${owner}</td>
    <td class="num">${usage.objects.toLocaleString("en")}</td>
    <td class="num">${bytesText(usage.bytes)}</td>
    <td>${room}</td>
    <td>${versionTag(versioning)}</td>
    <td>${when(createdAt)}</td>
  </tr>`;
}

async function addBucket({ api, form }: Visit): Promise<Result<Next>> {
  const quota = quotaOf(form.get("quota") ?? "");
  if (!quota.ok) return quota;
  const owner = form.get("owner") ?? "";
  const added = await api.ask("POST", "/buckets", {
    name: form.get("name") ?? "",
    versioning: form.get("versioning") ?? "off",
    ...(owner === "" ? {} : { owner }),
    ...(quota.value === null ? {} : { quota: { bytes: quota.value } }),
  });
  return added.ok ? ok({ to: "/console/buckets", did: "added" }) : added;
}

function quotaOf(text: string): Result<number | null> {
  const trimmed = text.replaceAll(" ", "");
  if (trimmed === "") return ok(null);
  const size = readSize(trimmed);
  return size === undefined
    ? fail("invalid", `"${text}" is no amount`, { mend: "write 500MB, 10GiB, or nothing for no limit" })
    : ok(size);
}

/** One bucket: what it keeps, and what may be set. */
export const bucketPage: ConsolePage = {
  path: "/console/buckets/:name",
  nav: "buckets",
  async render({ api, name, query }: Visit) {
    const prefix = query.get("prefix") ?? "";
    const found = await api.ask<BucketView>("GET", `/buckets/${encodeURIComponent(name)}`);
    if (!found.ok) return found;
    const kept = await api.ask<FolderPage>("GET", folderPath(name, prefix, query.get("cursor")));
    if (!kept.ok) return kept;
    const folder = folderSheet(name, prefix, kept.value);
    const about = html`<div class="two">${factsSheet(found.value)}${settingsForm(found.value)}</div>
      <section class="sheet">
        <header><h2>Remove</h2></header>
        <div class="pad row">
          <span class="soft">Only an empty bucket can be removed.</span
          >${sure("Remove this bucket…", "remove", `Remove ${name}`)}
        </div>
      </section>`;
    const crumb = { to: "/console/buckets", name: "Buckets" };
    return ok({ title: name, crumb, body: prefix === "" ? html`${folder}${about}` : folder });
  },
  actions: { change: changeBucket, remove: removeBucket },
};

function folderPath(bucket: string, prefix: string, cursor: string | null): string {
  const on = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
  return `/buckets/${encodeURIComponent(bucket)}/objects?prefix=${encodeURIComponent(prefix)}&limit=200${on}`;
}

function factsSheet({ usage, quota, owner, createdAt }: BucketView): Markup {
  const room = quota.bytes === null ? "no limit" : bytesText(quota.bytes);
  return html`<section class="sheet">
    <header><h2>Keeps</h2></header>
    <div class="pad">
      <dl class="facts">
        <dt>Objects</dt>
        <dd>${usage.objects.toLocaleString("en")}</dd>
        <dt>Bytes</dt>
        <dd>${bytesText(usage.bytes)}</dd>
        <dt>Quota</dt>
        <dd>${room}${quota.bytes !== null && bar(usage.bytes / Math.max(1, quota.bytes), `of ${room}`)}</dd>
        <dt>Owner</dt>
        <dd>${owner}</dd>
        <dt>Made</dt>
        <dd>${when(createdAt)}</dd>
      </dl>
    </div>
  </section>`;
}

const settingsForm = ({ quota, versioning }: BucketView): Markup =>
  html`<section class="sheet">
    <header><h2>Settings</h2></header>
    <form class="pad" method="post">
      <div class="fields">
        <label
          >Quota<input
            name="quota"
            value="${quota.bytes === null ? "" : exactSize(quota.bytes)}"
            placeholder="no limit"
        /></label>
        <label
          >Versions<select name="versioning">
            ${versionOptions(versioning)}
          </select></label
        >
      </div>
      <div class="row foot"><button class="first" name="do" value="change">Save</button></div>
    </form>
  </section>`;

/** So that saving it again changes nothing. */
function exactSize(bytes: number): string {
  for (const [unit, size] of [
    ["TiB", 2 ** 40],
    ["GiB", 2 ** 30],
    ["MiB", 2 ** 20],
    ["KiB", 2 ** 10],
  ] as const)
    if (bytes > 0 && bytes % size === 0) return `${bytes / size}${unit}`;
  return String(bytes);
}

function versionOptions(now: string): Markup[] {
  const options = [
    ...(now === "off" ? [["off", "keep only the latest"] as const] : []),
    ["enabled", "keep what is overwritten"] as const,
    ...(now === "off" ? [] : [["suspended", "suspended: keep what there is"] as const]),
  ];
  return options.map(
    ([value, text]) => html`<option value="${value}" ${value === now && html` selected`}>${text}</option>`,
  );
}

async function changeBucket({ api, form, name }: Visit): Promise<Result<Next>> {
  const quota = quotaOf(form.get("quota") ?? "");
  if (!quota.ok) return quota;
  const path = `/buckets/${encodeURIComponent(name)}`;
  const now = await api.ask<BucketView>("GET", path);
  if (!now.ok) return now;
  const versioning = form.get("versioning") ?? "off";
  const changed = await api.ask("PATCH", path, {
    quota: { bytes: quota.value, objects: now.value.quota.objects },
    ...(versioning === "off" ? {} : { versioning }),
  });
  return changed.ok ? ok({ to: `/console${path}`, did: "changed" }) : changed;
}

async function removeBucket({ api, name }: Visit): Promise<Result<Next>> {
  const removed = await api.ask("DELETE", `/buckets/${encodeURIComponent(name)}`);
  return removed.ok ? ok({ to: "/console/buckets", did: "removed" }) : removed;
}
