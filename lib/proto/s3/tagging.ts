import { tag, xmlDocument } from "../../wire/xml-text.ts";
import type { XmlElement } from "../../wire/xml.ts";
import type { Parsed } from "./error.ts";
import { checkTags } from "./facts.ts";
import { namespace } from "./listing.ts";
import { childOf, childrenOf, malformedXml, strangerIn, textIn } from "./xml-walk.ts";

/** Reads `<Tagging><TagSet><Tag><Key/><Value/></Tag>…`: at most `most`, unique. */
export function readTagging(root: XmlElement, most: number): Parsed<Readonly<Record<string, string>>> {
  const set = root.name === "Tagging" ? childOf(root, "TagSet") : undefined;
  if (!set || strangerIn(set, ["Tag"]) !== undefined) return malformedXml();
  const tags: [string, string][] = [];
  for (const element of childrenOf(set, "Tag")) {
    const key = textIn(element, "Key");
    const value = textIn(element, "Value");
    if (key === undefined || value === undefined) return malformedXml();
    tags.push([key, value]);
  }
  return checkTags(tags, most);
}

export const taggingXml = (tags: Readonly<Record<string, string>>): string =>
  xmlDocument(
    `Tagging ${namespace}`,
    tag(
      "TagSet",
      Object.entries(tags).map(([key, value]) => tag("Tag", tag("Key", key), tag("Value", value))),
    ),
  );
