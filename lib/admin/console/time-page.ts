import { secondsText } from "../../base/amount-text.ts";
import { ok } from "../../base/result.ts";
import type { HistoryStep, TimeSource, Tracking } from "../time-panel.ts";
import { chart } from "./chart.ts";
import { sentence } from "./frame.ts";
import { html, type Markup } from "./markup.ts";
import type { ConsolePage, Visit } from "./page.ts";
import { table, th } from "./parts.ts";

const spans = [
  [1, "1 h"],
  [24, "1 d"],
  [168, "7 d"],
  [720, "30 d"],
] as const;

/** How well the time is known, how it was, and by whom. */
export const timePage: ConsolePage = {
  path: "/console/time",
  nav: "time",
  only: "utcd",
  async render({ api, query, now }: Visit) {
    const hours = spans.find(([span]) => String(span) === query.get("hours"))?.[0] ?? 1;
    const [tracking, sources, history] = await Promise.all([
      api.ask<Tracking>("GET", "/time/tracking"),
      api.ask<{ rows: TimeSource[] }>("GET", "/time/sources"),
      api.ask<{ rows: HistoryStep[] }>("GET", `/time/history?hours=${hours}`),
    ]);
    if (!tracking.ok) return tracking;
    if (!sources.ok) return sources;
    if (!history.ok) return history;
    const body = html`${figures(tracking.value)}
      <section class="sheet">
        <header>
          <h2>The clock, beside what its sources tell</h2>
          <nav class="row spans" aria-label="How far back">${spans.map((span) => spanLink(span, hours))}</nav>
        </header>
        ${past(history.value.rows, hours, now / 1000)}
      </section>
      <section class="sheet">
        <header><h2>Sources</h2></header>
        ${sourceTable(sources.value.rows)}
      </section>`;
    return ok({ title: "Time", lead: sentence(tracking.value.why), body });
  },
};

const spanLink = ([span, label]: (typeof spans)[number], hours: number): Markup =>
  html`<a class="quiet" href="/console/time?hours=${span}" ${span === hours && html` aria-current="true"`}
    >${label}</a
  >`;

function figures({ offset, bound, stratum, rate, synchronised }: Tracking): Markup {
  const figure = (name: string, value: string): Markup =>
    html`<div>
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>`;
  return html`<dl class="sheet figures">
    ${[
      figure("Offset", secondsText(offset)),
      figure("Certain within", secondsText(bound)),
      figure("Oscillator", `${rate.toFixed(3)} ppm`),
      figure("Stratum", synchronised ? String(stratum) : "–"),
    ]}
  </dl>`;
}

function past(rows: readonly HistoryStep[], hours: number, to: number): Markup {
  if (rows.length < 2) return html`<p class="empty">Nothing is known of this span yet.</p>`;
  const points = rows.map(({ at, mean, least, most }) => ({
    at,
    value: mean[0],
    least: least[0],
    most: most[0],
    bound: most[1],
  }));
  const from = Math.max(to - hours * 3600, Math.min(to - 60, rows[0]!.at));
  const label = `The clock's offset over the last ${hours} h, within the error that was claimed`;
  return html`<figure class="pad">
    ${chart(points, { from, to, label, valueText: secondsText })}
    <figcaption class="soft">
      <i class="key line"></i>offset <i class="key spread"></i>its spread <i class="key band"></i>the error
      that was claimed
    </figcaption>
  </figure>`;
}

function sourceTable(rows: readonly TimeSource[]): Markup {
  const headings = [
    th("Source"),
    th("Reach"),
    th("Offset", "num"),
    th("Round trip", "num"),
    th("What of it"),
  ];
  return table(headings, rows.map(sourceRow), "No source is configured: the system's clock is served.");
}

const sourceRow = ({ name, address, state, why, authentication, reach, offset, delay }: TimeSource): Markup =>
  html`<tr>
    <td class="name">
      ${name} ${address !== null && address !== name && html`<span class="faint">${address}</span>`}
    </td>
    <td>${reachMarks(reach)}</td>
    <td class="num">${secondsText(offset)}</td>
    <td class="num">${secondsText(delay)}</td>
    <td class="wrap">
      <span class="tag${state === "selected" || state === "combined" ? " kelp" : ""}">${state}</span>
      ${authentication !== "none" && html`<span class="tag">${authentication}</span>`} ${why}
    </td>
  </tr>`;

/** The last eight questions, the newest to the right: filled where an answer came. */
function reachMarks(reach: number): Markup {
  const bits = Array.from({ length: 8 }, (_, i) => (reach >> (7 - i)) & 1);
  const answered = bits.filter((bit) => bit === 1).length;
  const marks = bits.map(
    (bit, i) =>
      html`<rect x="${i * 8}" width="6" height="12" rx="1.5" class="${bit === 1 ? "hit" : "miss"}" />`,
  );
  return html`<svg
    class="reach"
    viewBox="0 0 62 12"
    role="img"
    aria-label="${answered} of the last 8 answered"
  >
    ${marks}
  </svg>`;
}
