import { tag, xmlDocument } from "../../wire/xml-text.ts";
import { namespace } from "./listing.ts";

/** Documents that say that nothing is configured. */
export const emptyDocument = (root: string): string => xmlDocument(`${root} ${namespace}`);

export const ownerPays = (): string =>
  xmlDocument(`RequestPaymentConfiguration ${namespace}`, tag("Payer", "BucketOwner"));

export const policyStatusXml = (isPublic: boolean): string =>
  xmlDocument(`PolicyStatus ${namespace}`, tag("IsPublic", isPublic));
