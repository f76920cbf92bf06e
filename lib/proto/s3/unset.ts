import { tag, xmlDocument } from "../../wire/xml-text.ts";
import type { XmlElement } from "../../wire/xml.ts";
import type { Parsed } from "./error.ts";
import { namespace } from "./listing.ts";
import { malformedXml, wordIn } from "./xml-walk.ts";

/** Documents that say that nothing is configured. */
export const emptyDocument = (root: string): string => xmlDocument(`${root} ${namespace}`);

export const ownerPays = (): string =>
  xmlDocument(`RequestPaymentConfiguration ${namespace}`, tag("Payer", "BucketOwner"));

/** Reads `<RequestPaymentConfiguration><Payer>`. Nobody is billed here: it is kept, and that is all. */
export function readPayer(root: XmlElement): Parsed<"BucketOwner" | "Requester"> {
  const payer = root.name === "RequestPaymentConfiguration" ? wordIn(root, "Payer") : undefined;
  return payer === "BucketOwner" || payer === "Requester" ? { ok: true, value: payer } : malformedXml();
}

/** Reads `<AccelerateConfiguration><Status>`. There is one place here, and nothing to accelerate: it is
 *  kept. */
export function readAccelerate(root: XmlElement): Parsed<"Enabled" | "Suspended"> {
  const status = root.name === "AccelerateConfiguration" ? wordIn(root, "Status") : undefined;
  return status === "Enabled" || status === "Suspended" ? { ok: true, value: status } : malformedXml();
}

export const policyStatusXml = (isPublic: boolean): string =>
  xmlDocument(`PolicyStatus ${namespace}`, tag("IsPublic", isPublic));
