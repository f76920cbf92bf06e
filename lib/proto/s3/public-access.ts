import { tag, xmlDocument } from "../../wire/xml-text.ts";
import type { XmlElement } from "../../wire/xml.ts";
import type { Parsed } from "./error.ts";
import { namespace } from "./listing.ts";
import { childOf, malformedXml, strangerIn, wordIn } from "./xml-walk.ts";

/** What a bucket refuses to be public by. */
export interface PublicAccessBlock {
  readonly blockPublicAcls: boolean;
  readonly ignorePublicAcls: boolean;
  readonly blockPublicPolicy: boolean;
  readonly restrictPublicBuckets: boolean;
}

export const noBlock: PublicAccessBlock = {
  blockPublicAcls: false,
  ignorePublicAcls: false,
  blockPublicPolicy: false,
  restrictPublicBuckets: false,
};

const names = ["BlockPublicAcls", "IgnorePublicAcls", "BlockPublicPolicy", "RestrictPublicBuckets"];

/** Reads `<PublicAccessBlockConfiguration>`; what is not said is false. */
export function readPublicAccessBlock(root: XmlElement): Parsed<PublicAccessBlock> {
  if (root.name !== "PublicAccessBlockConfiguration" || strangerIn(root, names) !== undefined)
    return malformedXml();
  const words = names.map((name) => wordIn(root, name)?.toLowerCase());
  if (words.some((word) => word !== undefined && word !== "true" && word !== "false")) return malformedXml();
  const [blockPublicAcls, ignorePublicAcls, blockPublicPolicy, restrictPublicBuckets] = words.map(
    (word) => word === "true",
  ) as [boolean, boolean, boolean, boolean];
  return { ok: true, value: { blockPublicAcls, ignorePublicAcls, blockPublicPolicy, restrictPublicBuckets } };
}

export type Ownership = "BucketOwnerEnforced" | "BucketOwnerPreferred" | "ObjectWriter";
const ownerships: readonly string[] = ["BucketOwnerEnforced", "BucketOwnerPreferred", "ObjectWriter"];

/** Reads `<OwnershipControls><Rule><ObjectOwnership>`. */
export function readOwnership(root: XmlElement): Parsed<Ownership> {
  const rule = root.name === "OwnershipControls" ? childOf(root, "Rule") : undefined;
  const word = rule && wordIn(rule, "ObjectOwnership");
  if (word === undefined || !ownerships.includes(word) || root.children.length !== 1) return malformedXml();
  return { ok: true, value: word as Ownership };
}

export const isOwnership = (word: string): word is Ownership => ownerships.includes(word);

export const ownershipXml = (ownership: Ownership): string =>
  xmlDocument(`OwnershipControls ${namespace}`, tag("Rule", tag("ObjectOwnership", ownership)));
