import { html, type Markup } from "./markup.ts";

/** A value at a moment, with the least and the most that it was around then. */
export interface ChartPoint {
  /** Unix seconds. */
  readonly at: number;
  readonly value: number;
  readonly least: number;
  readonly most: number;
  /** How far from the truth it may be; drawn as a band around nothing at all. */
  readonly bound: number;
}

export interface ChartFrame {
  /** Unix seconds. */
  readonly from: number;
  readonly to: number;
  /** For whom cannot see it. */
  readonly label: string;
  readonly valueText: (value: number) => string;
}

const width = 920;
const height = 260;
const left = 74;
const right = 10;
const top = 12;
const bottom = 26;

/** A line with its spread, inside the band that is promised. Nothing is drawn over a gap of several steps.
 *  The scale is the band's, or six times the line's where the band is far wider: it then fills all. */
export function chart(points: readonly ChartPoint[], frame: ChartFrame): Markup {
  const swing = Math.max(1e-9, ...points.map(({ least, most: up }) => Math.max(-least, up)));
  const most = Math.max(swing * 1.2, Math.min(swing * 6, ...points.map(({ bound }) => bound * 1.05)));
  const x = (at: number): number =>
    left + ((at - frame.from) / Math.max(1, frame.to - frame.from)) * (width - left - right);
  const y = (value: number): number =>
    top + (1 - (Math.max(-1, Math.min(1, value / most)) + 1) / 2) * (height - top - bottom);
  const runs = runsOf(points);
  const band = (low: (point: ChartPoint) => number, high: (point: ChartPoint) => number): string =>
    runs
      .map((run) => {
        const there = run.map((point) => `${x(point.at).toFixed(1)} ${y(high(point)).toFixed(1)}`);
        const back = run.toReversed().map((point) => `${x(point.at).toFixed(1)} ${y(low(point)).toFixed(1)}`);
        return `M${[...there, ...back].join("L")}Z`;
      })
      .join("");
  const line = runs
    .map((run) => `M${run.map(({ at, value }) => `${x(at).toFixed(1)} ${y(value).toFixed(1)}`).join("L")}`)
    .join("");
  return html`<svg class="chart" viewBox="0 0 ${width} ${height}" role="img" aria-label="${frame.label}">
    ${levels(most).map((level) => levelMark(level, y(level), frame.valueText))}
    ${moments(frame).map((at) => momentMark(at, x(at), frame))}
    <path
      class="band"
      d="${band(
        ({ bound }) => -bound,
        ({ bound }) => bound,
      )}"
    />
    <path
      class="spread"
      d="${band(
        ({ least }) => least,
        ({ most: up }) => up,
      )}"
    />
    <path class="line" d="${line}" />
  </svg>`;
}

/** Stretches without a gap: a step several times as far as usual from the one before begins a new one. */
function runsOf(points: readonly ChartPoint[]): ChartPoint[][] {
  const steps = points.slice(1).map(({ at }, i) => at - points[i]!.at);
  const usual = steps.toSorted((a, b) => a - b)[Math.floor(steps.length / 2)] ?? 0;
  const runs: ChartPoint[][] = [];
  for (const [i, point] of points.entries()) {
    const step = i === 0 ? Infinity : point.at - points[i - 1]!.at;
    if (step > usual * 5) runs.push([]);
    runs.at(-1)!.push(point);
  }
  return runs;
}

/** Zero, and a few round values on either side. */
function levels(most: number): number[] {
  const size = 10 ** Math.floor(Math.log10(most));
  const step = [0.2, 0.5, 1, 2, 5].map((part) => part * size).find((part) => most / part < 3.5) ?? size * 5;
  const count = Math.floor(most / step);
  return Array.from({ length: count * 2 + 1 }, (_, i) => (i - count) * step);
}

const levelMark = (level: number, y: number, text: (value: number) => string): Markup =>
  html`<path class="${level === 0 ? "zero" : "grid"}" d="M${left} ${y.toFixed(1)}H${width - right}" /><text
      x="${left - 8}"
      y="${(y + 4).toFixed(1)}"
      class="level"
    >
      ${text(level)}
    </text>`;

const day = 86_400;
const strides = [60, 300, 600, 1800, 3600, 6 * 3600, 12 * 3600, day, 7 * day, 30 * day, 90 * day] as const;

/** About six round moments. */
function moments({ from, to }: ChartFrame): number[] {
  const stride = strides.find((step) => (to - from) / step <= 7) ?? 365 * day;
  const first = Math.ceil(from / stride) * stride;
  return Array.from(
    { length: Math.max(0, Math.floor((to - first) / stride) + 1) },
    (_, i) => first + i * stride,
  );
}

function momentMark(at: number, x: number, { from, to }: ChartFrame): Markup {
  const text = new Date(at * 1000).toISOString();
  const shown = to - from > 2 * day ? text.slice(5, 10) : text.slice(11, 16);
  return html`<path class="grid" d="M${x.toFixed(1)} ${top}V${height - bottom}" /><text
      x="${x.toFixed(1)}"
      y="${height - 8}"
      class="moment"
    >
      ${shown}
    </text>`;
}
