/** A finished piece of XML: made by `tag`, so that no text gets in unescaped. */
export interface Xml {
  readonly xml: string;
}

type Inside = Xml | string | number | boolean | undefined | readonly Xml[];

/** `<name>…</name>`: strings are escaped, undefined leaves nothing inside. */
export function tag(name: string, ...inside: readonly Inside[]): Xml {
  return { xml: `<${name}>${inside.map(inner).join("")}</${name.split(" ", 1)[0]!}>` };
}

/** The element where there is something to say, else nothing. */
export function maybe(name: string, inside: string | number | boolean | undefined): Xml {
  return inside === undefined ? nothing : tag(name, inside);
}

const nothing: Xml = { xml: "" };

function inner(part: Inside): string {
  if (part === undefined) return "";
  if (typeof part === "string") return escapeXml(part);
  if (typeof part === "object") return "xml" in part ? part.xml : part.map((x) => x.xml).join("");
  return String(part);
}

/** A whole document. `root` may carry attributes: `Name xmlns="…"`. */
export function xmlDocument(root: string, ...inside: readonly Inside[]): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${tag(root, ...inside).xml}`;
}

// Control characters that XML 1.0 cannot hold go out as references, which clients that ask for such keys
// in plain XML at least see; `encoding-type=url` is the way to have them exactly.
// eslint-disable-next-line no-control-regex -- these are the characters to escape
const special = /[&<>"'\u0000-\u001f\u007f\ufffe\uffff]/g;
const named: ReadonlyMap<string, string> = new Map([
  ["&", "&amp;"],
  ["<", "&lt;"],
  [">", "&gt;"],
  ['"', "&quot;"],
  ["'", "&#39;"],
]);

export function escapeXml(text: string): string {
  return text.replace(special, (c) => named.get(c) ?? `&#x${c.charCodeAt(0).toString(16).toUpperCase()};`);
}
