/** Spans of time and amounts of bytes as people write them. */

const milliseconds: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

export const durationPattern = /^(?:\d+(?:\.\d+)?(?:ms|s|m|h|d))+$/;

/** "1h30m" in milliseconds; undefined where the text is no duration. */
export function readDuration(text: string): number | undefined {
  if (!durationPattern.test(text)) return undefined;
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g);
  return [...parts].reduce((sum, [, count, unit]) => sum + Number(count) * milliseconds[unit!]!, 0);
}

/** The shortest way to write so many milliseconds: 90 000 is "1m30s". */
export function durationText(ms: number): string {
  if (ms === 0) return "0s";
  let rest = ms;
  let text = "";
  for (const unit of ["d", "h", "m", "s", "ms"]) {
    const size = milliseconds[unit]!;
    const count = unit === "ms" ? rest : Math.floor(rest / size);
    if (count > 0) text += `${count}${unit}`;
    rest -= count * size;
  }
  return text;
}

const bytes: Readonly<Record<string, number>> = {
  "": 1,
  B: 1,
  kB: 1e3,
  KB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

export const sizePattern = /^\d+(?:\.\d+)?(?:B|[kK]B|[MGT]B|[KMGT]iB)?$/;

/** "64KiB" in bytes; undefined where the text is no size. A number alone is bytes. */
export function readSize(text: string): number | undefined {
  if (!sizePattern.test(text)) return undefined;
  const [, count, unit] = /^([\d.]+)(.*)$/.exec(text)!;
  const size = Number(count) * bytes[unit!]!;
  return Number.isSafeInteger(size) ? size : undefined;
}

/** The shortest exact way to write so many bytes: 65 536 is "64KiB". */
export function sizeText(size: number): string {
  for (const unit of ["TiB", "GiB", "MiB", "KiB"]) {
    const unitBytes = bytes[unit]!;
    if (size > 0 && size % unitBytes === 0) return `${size / unitBytes}${unit}`;
  }
  return `${size}B`;
}
