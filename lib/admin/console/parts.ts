import { html, type Markup } from "./markup.ts";

/** Small pieces that several pages are made of. */

export const when = (moment: string | null, never = "never"): Markup =>
  moment === null
    ? html`<span class="faint">${never}</span>`
    : html`<time class="when" datetime="${moment}" title="${moment}"
        >${moment.slice(0, 16).replace("T", " ")}</time
      >`;

/** How full something is, as a bar that changes colour towards its end; `share` is 0 to 1. */
export const bar = (share: number, label: string): Markup =>
  drawn(share, label, share >= 1 ? " full" : share >= 0.85 ? " high" : "");

/** How much something is beside the most of its kind: a full bar is no trouble. */
export const length = (share: number, label: string): Markup => drawn(share, label, "");

function drawn(share: number, label: string, how: string): Markup {
  const width = Math.max(0, Math.min(1, share)) * 100;
  return html`<svg
    class="bar${how}"
    role="img"
    aria-label="${label}"
    preserveAspectRatio="none"
    viewBox="0 0 100 6"
  >
    <rect width="${width.toFixed(2)}" height="6" rx="1" />
  </svg>`;
}

export function table(headings: readonly Markup[], rows: readonly Markup[], empty: string, how = ""): Markup {
  if (rows.length === 0) return html`<p class="empty">${empty}</p>`;
  return html`<div class="scroll">
    <table class="${how}">
      <thead>
        <tr>
          ${headings}
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </div>`;
}

export const th = (text: string, how = ""): Markup => html`<th class="${how}" scope="col">${text}</th>`;

export const pager = (base: string, next: string | null): Markup | undefined =>
  next === null
    ? undefined
    : html`<p class="pager">
        <a href="${base}${base.includes("?") ? "&" : "?"}cursor=${encodeURIComponent(next)}">Further back</a>
      </p>`;

/** A button that asks once more before it does what cannot be undone. */
export const sure = (label: string, action: string, what: string): Markup =>
  html`<details class="sure">
    <summary>${label}</summary>
    <form method="post"><button class="danger" name="do" value="${action}">${what}</button></form>
  </details>`;

export const plural = (count: number, one: string, many = `${one}s`): string =>
  `${count.toLocaleString("en")} ${count === 1 ? one : many}`;
