/** Prometheus text exposition format, version 0.0.4: how names, labels and numbers are written. */

export const contentType = "text/plain; version=0.0.4; charset=utf-8";

/** `{door="ftp",outcome="ok"}`; "" where there are no labels. */
export function labelText(names: readonly string[], values: readonly string[]): string {
  if (names.length === 0) return "";
  return `{${names.map((name, i) => `${name}="${escapeLabel(values[i]!)}"`).join(",")}}`;
}

const escapeLabel = (value: string): string =>
  value.toWellFormed().replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");

export const escapeHelp = (help: string): string => help.replaceAll("\\", "\\\\").replaceAll("\n", "\\n");

export const numberText = (value: number): string =>
  value === Infinity ? "+Inf" : value === -Infinity ? "-Inf" : String(value);
