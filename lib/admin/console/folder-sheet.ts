import { bytesText } from "../../base/amount-text.ts";
import type { FolderPage, ObjectView } from "../objects-panel.ts";
import { icons } from "./icons.ts";
import { html, type Markup } from "./markup.ts";
import { pager, table, th, when } from "./parts.ts";

const pathOf = (bucket: string): string => `/console/buckets/${encodeURIComponent(bucket)}`;

export const folderLink = (bucket: string, prefix: string): string =>
  prefix === "" ? pathOf(bucket) : `${pathOf(bucket)}?prefix=${encodeURIComponent(prefix)}`;

export const objectLink = (bucket: string, key: string): string =>
  `${pathOf(bucket)}/object?key=${encodeURIComponent(key)}`;

/** Saves the bytes: those of one version where it is named. */
export function contentLink(bucket: string, key: string, version?: string): string {
  const of = version === undefined ? "" : `&version=${encodeURIComponent(version)}`;
  return `${pathOf(bucket)}/content?key=${encodeURIComponent(key)}${of}`;
}

/** A folder of a bucket: the way down to it, its folders, then its objects. */
export function folderSheet(bucket: string, prefix: string, page: FolderPage): Markup {
  const rows = [
    ...page.folders.map((folder) => folderRow(bucket, prefix, folder)),
    ...page.rows.map((one) => objectRow(bucket, prefix, one)),
  ];
  const empty = prefix === "" ? "Nothing is kept here yet." : "This folder is empty.";
  return html`<section class="sheet">
    <header><h2 class="way">${wayTo(bucket, prefix)}</h2></header>
    ${table([th("Name"), th("Size", "num"), th("Written"), th("")], rows, empty, "browse")}
    ${pager(folderLink(bucket, prefix), page.next)}
  </section>`;
}

/** Every folder on the way, to go back to; the last is where we are. */
function wayTo(bucket: string, prefix: string): Markup[] {
  const names = prefix.split("/").slice(0, -1);
  const steps = [bucket, ...names].map((name, at) => ({
    name: name === "" ? "(no name)" : name,
    prefix: names.slice(0, at).map((part) => `${part}/`),
  }));
  return steps.map(({ name, prefix: above }, at) =>
    at === steps.length - 1
      ? html`<span>${name}</span>`
      : html`<a href="${folderLink(bucket, above.join(""))}">${name}</a><i>/</i>`,
  );
}

const folderRow = (bucket: string, prefix: string, folder: string): Markup =>
  html`<tr>
    <td class="name">
      <a href="${folderLink(bucket, folder)}">${icons.folder}${folder.slice(prefix.length)}</a>
    </td>
    <td></td>
    <td></td>
    <td></td>
  </tr>`;

const objectRow = (bucket: string, prefix: string, one: ObjectView): Markup =>
  html`<tr>
    <td class="name">
      <a href="${objectLink(bucket, one.key)}"
        >${icons.file}${one.key.slice(prefix.length) || "(this folder)"}</a
      >
    </td>
    <td class="num">${bytesText(one.size)}</td>
    <td>${when(one.createdAt)}</td>
    <td class="end"><a class="quiet" href="${contentLink(bucket, one.key)}" download>Download</a></td>
  </tr>`;
