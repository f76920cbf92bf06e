import { describe, expect, test } from "bun:test";
import { array, assert, constantFrom, property, string } from "fast-check";
import { utf8 } from "../base/bytes.ts";
import { escapeXml, maybe, tag, xmlDocument } from "./xml-text.ts";
import { readXml, type XmlElement } from "./xml.ts";

const read = (text: string): XmlElement | undefined => readXml(utf8(text));

describe("readXml", () => {
  test("reads elements, attributes, text, CDATA, comments and entities", () => {
    const root = read(
      `\ufeff<?xml version="1.0"?>\r\n<!-- x --><a:Tag xmlns:a="u" k='&lt;"'><b/>` +
        "1&#65;&#x42;<![CDATA[<&]]><!---->\n</a:Tag> ",
    );
    expect(root?.name).toBe("Tag");
    expect(root?.attributes.get("k")).toBe('<"');
    expect(root?.children.map((c) => c.name)).toEqual(["b"]);
    expect(root?.text).toBe("1AB<&\n");
  });

  const refused = {
    "a DOCTYPE": `<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>`,
    "an unknown entity": "<a>&x;</a>",
    "a bare ampersand": "<a>1 & 2</a>",
    "a processing instruction": "<a><?php?></a>",
    "two roots": "<a/><b/>",
    "no root": "  ",
    "an open end": "<a><b></b>",
    "crossed tags": "<a><b></a></b>",
    "a lone end tag": "</a>",
    "a repeated attribute": `<a k="1" k="2"/>`,
    "attributes without space": `<a k="1"l="2"/>`,
    "an unquoted attribute": "<a k=1/>",
    "a control character": "<a>\u0000</a>",
    "a reference to a control character": "<a>&#0;</a>",
    "a surrogate reference": "<a>&#xD800;</a>",
    "a comment with a double dash": "<a><!-- a -- b --></a>",
    "text outside": "<a/>x",
  };
  for (const [what, text] of Object.entries(refused)) {
    test(`refuses ${what}`, () => expect(read(text)).toBeUndefined());
  }

  test("refuses what is too deep, too many, or not UTF-8", () => {
    expect(read("<a>".repeat(17) + "</a>".repeat(17))).toBeUndefined();
    expect(read(`<a>${"<b/>".repeat(30_000)}</a>`)).toBeUndefined();
    expect(readXml(Uint8Array.of(0x3c, 0x61, 0xff, 0x2f, 0x3e))).toBeUndefined();
    const attributes = Array.from({ length: 9 }, (_, i) => `k${i}=""`).join(" ");
    expect(read(`<a ${attributes}/>`)).toBeUndefined();
  });

  test("garbage is refused, never thrown", () => {
    const piece = constantFrom(
      ..."<>/&;!-[]ab=\"' ?x#1".split(""),
      "<a>",
      "</a>",
      "<![CDATA[",
      "]]>",
      "<!--",
    );
    assert(
      property(array(piece, { maxLength: 40 }), (parts) => {
        read(parts.join(""));
        read(`<a>${parts.join("")}</a>`);
      }),
      { numRuns: 2000 },
    );
  });
});

test("what is written is read back", () => {
  const text = string({ unit: "grapheme" }).map((s) => s.replace(/[\r\p{Cc}\ufffe\uffff]/gu, ""));
  assert(
    property(array(text, { maxLength: 5 }), (texts) => {
      const root = read(
        xmlDocument(
          'R xmlns="u"',
          texts.map((t) => tag("T", t)),
        ),
      );
      expect(root?.children.map((c) => c.text)).toEqual(texts);
    }),
  );
});

test("writing escapes, and leaves out what is undefined", () => {
  expect(escapeXml(`<&>"'\u0001`)).toBe("&lt;&amp;&gt;&quot;&#39;&#x1;");
  expect(tag("A", 1, true, undefined, maybe("B", undefined), maybe("C", "<")).xml).toBe(
    "<A>1true<C>&lt;</C></A>",
  );
});
