import { utf8 } from "../../base/bytes.ts";
import { readXml, type XmlElement } from "../../wire/xml.ts";
import { refuse, type Parsed } from "./error.ts";

export const childrenOf = (element: XmlElement, name: string): readonly XmlElement[] =>
  element.children.filter((child) => child.name === name);

export const childOf = (element: XmlElement, name: string): XmlElement | undefined =>
  element.children.find((child) => child.name === name);

/** The child's text as it stands; undefined where there is no such child. */
export const textIn = (element: XmlElement, name: string): string | undefined => childOf(element, name)?.text;

/** The same without space around it: for words and numbers. */
export const wordIn = (element: XmlElement, name: string): string | undefined =>
  textIn(element, name)?.trim();

/** A child that is not among the known ones. */
export const strangerIn = (element: XmlElement, known: readonly string[]): string | undefined =>
  element.children.find((child) => !known.includes(child.name))?.name;

export const malformedXml = (): ReturnType<typeof refuse> =>
  refuse(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );

/** A whole number within bounds. */
export function countIn(text: string | undefined, least: number, most: number): number | undefined {
  if (text === undefined || !/^\d{1,12}$/.test(text)) return undefined;
  const count = Number(text);
  return count >= least && count <= most ? count : undefined;
}

/** A client's document as a tree. */
export function parseXml(bytes: Uint8Array): Parsed<XmlElement> {
  const root = readXml(bytes);
  return root ? { ok: true, value: root } : malformedXml();
}

/** A document that was checked when it was kept; undefined where there is none. */
export const parseXmlText = (text: string | undefined): XmlElement | undefined =>
  text === undefined ? undefined : readXml(utf8(text));
