import { textOf } from "../base/bytes.ts";

/** One element. Names are given without their prefix; `text` is the element's own, joined. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

/** Bounds of a document: bytes are bounded by who reads the body. */
export interface XmlLimits {
  readonly depth: number;
  readonly elements: number;
  readonly attributes: number;
}

const defaults: XmlLimits = { depth: 16, elements: 30_000, attributes: 8 };

/** Reads a document of XML 1.0: one root, elements, attributes, text, CDATA, comments, the XML declaration.
 *  No DOCTYPE, no processing instructions, no entities beyond the five and numeric ones.
 *  Undefined where it is anything else, not UTF-8, or over a limit. */
export function readXml(bytes: Uint8Array, limits: XmlLimits = defaults): XmlElement | undefined {
  const text = textOf(bytes);
  if (text === undefined) return undefined;
  try {
    return new Reader(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text, limits).document();
  } catch (error) {
    if (error instanceof NotXml) return undefined;
    throw error;
  }
}

class NotXml extends Error {}

const nameAt = /[A-Za-z_][\w.-]*(?::[A-Za-z_][\w.-]*)?/y;
const spaceAt = /[ \t\r\n]*/y;
// Anything XML 1.0 §2.2 does not call a character.
// eslint-disable-next-line no-control-regex -- these are the characters to refuse
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/;

interface Growing {
  readonly name: string;
  readonly raw: string;
  readonly attributes: Map<string, string>;
  readonly children: XmlElement[];
  text: string;
}

class Reader {
  #at = 0;
  #elements = 0;
  readonly #text: string;
  readonly #limits: XmlLimits;

  constructor(text: string, limits: XmlLimits) {
    if (forbidden.test(text)) throw new NotXml();
    this.#text = text;
    this.#limits = limits;
  }

  document(): XmlElement {
    if (this.#text.startsWith("<?xml") && /\s/.test(this.#text[5] ?? "")) this.#past("?>");
    this.#skipMisc();
    const root = this.#element();
    this.#skipMisc();
    if (this.#at !== this.#text.length) throw new NotXml();
    return root;
  }

  /** The element at hand with all it holds, without recursion: depth costs no stack. */
  #element(): XmlElement {
    const open: Growing[] = [];
    for (;;) {
      const closed = this.#text.startsWith("</", this.#at) ? this.#endTag(open) : this.#startTag(open);
      const parent = open.at(-1);
      if (closed && !parent) return closed;
      if (closed) parent!.children.push(closed);
      this.#content(open.at(-1)!);
    }
  }

  #startTag(open: Growing[]): XmlElement | undefined {
    this.#take("<");
    if (++this.#elements > this.#limits.elements || open.length >= this.#limits.depth) throw new NotXml();
    const raw = this.#name();
    const attributes = this.#attributes();
    const element = { name: raw.slice(raw.indexOf(":") + 1), raw, attributes, children: [], text: "" };
    if (this.#text[this.#at] === "/") {
      this.#take("/>");
      return element;
    }
    this.#take(">");
    open.push(element);
    return undefined;
  }

  #endTag(open: Growing[]): XmlElement {
    const element = open.pop();
    this.#take("</");
    if (!element || this.#name() !== element.raw) throw new NotXml();
    this.#skipSpace();
    this.#take(">");
    return element;
  }

  #attributes(): Map<string, string> {
    const found = new Map<string, string>();
    for (;;) {
      const spaced = this.#skipSpace();
      const next = this.#text[this.#at];
      if (next === ">" || next === "/") return found;
      const name = this.#name();
      this.#skipSpace();
      this.#take("=");
      this.#skipSpace();
      const quote = this.#text[this.#at++];
      const end = quote === '"' || quote === "'" ? this.#text.indexOf(quote, this.#at) : -1;
      const raw = this.#text.slice(this.#at, end);
      if (!spaced || end < 0 || raw.includes("<") || found.has(name)) throw new NotXml();
      if (found.size >= this.#limits.attributes) throw new NotXml();
      found.set(name, expand(raw));
      this.#at = end + 1;
    }
  }

  /** Text, CDATA and comments up to the next tag. */
  #content(element: Growing): void {
    for (;;) {
      const next = this.#text.indexOf("<", this.#at);
      if (next < 0) throw new NotXml();
      const run = this.#text.slice(this.#at, next);
      if (run.includes("]]>")) throw new NotXml();
      element.text += expand(run);
      this.#at = next;
      if (this.#text.startsWith("<![CDATA[", next)) {
        const end = this.#past("]]>");
        element.text += this.#text.slice(next + 9, end).replace(/\r\n?/g, "\n");
      } else if (!this.#comment()) return;
    }
  }

  #skipMisc(): void {
    do this.#skipSpace();
    while (this.#comment());
  }

  #comment(): boolean {
    if (!this.#text.startsWith("<!--", this.#at)) return false;
    this.#at += 4;
    const double = this.#text.indexOf("--", this.#at);
    if (this.#past("-->") !== double) throw new NotXml();
    return true;
  }

  #name(): string {
    nameAt.lastIndex = this.#at;
    const name = nameAt.exec(this.#text)?.[0];
    if (name === undefined) throw new NotXml();
    this.#at += name.length;
    return name;
  }

  #skipSpace(): boolean {
    spaceAt.lastIndex = this.#at;
    const length = spaceAt.exec(this.#text)![0].length;
    this.#at += length;
    return length > 0;
  }

  #take(what: string): void {
    if (!this.#text.startsWith(what, this.#at)) throw new NotXml();
    this.#at += what.length;
  }

  /** Moves behind the next `mark`, and says where it begins. */
  #past(mark: string): number {
    const at = this.#text.indexOf(mark, this.#at);
    if (at < 0) throw new NotXml();
    this.#at = at + mark.length;
    return at;
  }
}

const entities: ReadonlyMap<string, string> = new Map([
  ["lt", "<"],
  ["gt", ">"],
  ["amp", "&"],
  ["quot", '"'],
  ["apos", "'"],
]);

/** Line ends made one (XML 1.0 §2.11), then entities. */
function expand(raw: string): string {
  const text = raw.includes("\r") ? raw.replace(/\r\n?/g, "\n") : raw;
  if (!text.includes("&")) return text;
  return text.replace(/&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(\w{1,8}));|&/g, (_, x, d, name) => {
    if (name !== undefined) return entities.get(name as string) ?? notXml();
    if (x === undefined && d === undefined) return notXml();
    return character(x === undefined ? Number.parseInt(d as string, 10) : Number.parseInt(x as string, 16));
  });
}

function character(code: number): string {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) || code === 0) return notXml();
  const text = String.fromCodePoint(code);
  return forbidden.test(text) ? notXml() : text;
}

function notXml(): never {
  throw new NotXml();
}
