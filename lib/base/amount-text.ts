/** "1.4 GiB": for eyes; exact below 1 KiB. */
export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return unit === 0 ? `${bytes} B` : `${value.toFixed(value < 10 ? 1 : 0)} ${units[unit]}`;
}

/** How long ago or how long: the two largest units, "3 d 4 h", "12 min 5 s". */
export function spanText(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  const parts = [
    [Math.floor(seconds / 86_400), "d"],
    [Math.floor(seconds / 3600) % 24, "h"],
    [Math.floor(seconds / 60) % 60, "min"],
    [seconds % 60, "s"],
  ] as const;
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return "0 s";
  const shown = parts.slice(first, first + 2).filter(([count]) => count > 0);
  return shown.map(([count, unit]) => `${count} ${unit}`).join(" ");
}

/** A span of seconds as people read it: "−12.5 µs". */
export function secondsText(seconds: number | null): string {
  if (seconds === null) return "–";
  if (seconds === 0) return "0";
  const size = Math.abs(seconds);
  const units = [
    [1, "s", 1],
    [1e-3, "ms", 1e3],
    [1e-6, "µs", 1e6],
    [0, "ns", 1e9],
  ] as const;
  const [, unit, scale] = units.find(([least]) => size >= least)!;
  return `${Number((seconds * scale).toPrecision(4))} ${unit}`;
}

/** "1 line", "2 lines": for nouns that take an s. */
export const countText = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? "" : "s"}`;
