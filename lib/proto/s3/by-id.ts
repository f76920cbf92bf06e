import { maybe, tag, xmlDocument } from "../../wire/xml-text.ts";
import type { XmlElement } from "../../wire/xml.ts";
import { refuse, type Parsed } from "./error.ts";
import { namespace } from "./listing.ts";
import { childOf, malformedXml, strangerIn, wordIn } from "./xml-walk.ts";

/** Configurations of which a bucket may have many, each with an id. */
export type ByIdKind = "metrics" | "analytics" | "intelligent-tiering" | "inventory";

interface Shape {
  readonly root: string;
  readonly list: string;
  readonly known: readonly string[];
  readonly must: readonly string[];
}

const shapes: Readonly<Record<ByIdKind, Shape>> = {
  metrics: {
    root: "MetricsConfiguration",
    list: "ListMetricsConfigurationsResult",
    known: ["Id", "Filter"],
    must: [],
  },
  analytics: {
    root: "AnalyticsConfiguration",
    list: "ListBucketAnalyticsConfigurationsResult",
    known: ["Id", "Filter", "StorageClassAnalysis"],
    must: ["StorageClassAnalysis"],
  },
  "intelligent-tiering": {
    root: "IntelligentTieringConfiguration",
    list: "ListBucketIntelligentTieringConfigurationsOutput",
    known: ["Id", "Filter", "Status", "Tiering"],
    must: ["Status", "Tiering"],
  },
  inventory: {
    root: "InventoryConfiguration",
    list: "ListInventoryConfigurationsResult",
    known: [
      "Id",
      "IsEnabled",
      "Filter",
      "Destination",
      "Schedule",
      "IncludedObjectVersions",
      "OptionalFields",
    ],
    must: ["IsEnabled", "Destination", "Schedule", "IncludedObjectVersions"],
  },
};

/** Reads such a configuration; its id must be the request's, 1–64 letters, digits, `_-.`. */
export function readById(kind: ByIdKind, root: XmlElement, id: string): Parsed<XmlElement> {
  const { root: name, known, must } = shapes[kind];
  if (root.name !== name || strangerIn(root, known) !== undefined) return malformedXml();
  if (must.some((one) => !childOf(root, one))) return malformedXml();
  const said = wordIn(root, "Id");
  if (said === undefined) return malformedXml();
  if (said !== id) return refuse("InvalidArgument", "The configuration's Id is not the request's id.");
  if (!/^[A-Za-z0-9_.-]{1,64}$/.test(id)) {
    return refuse("InvalidArgument", "The configuration's id has 1 to 64 letters, digits, '_', '-' or '.'.");
  }
  if (kind !== "intelligent-tiering") return { ok: true, value: root };
  const status = wordIn(root, "Status");
  return status === "Enabled" || status === "Disabled" ? { ok: true, value: root } : malformedXml();
}

/** A page of kept documents; `next` is the last id of a page that is not the last. */
export function listByIdXml(kind: ByIdKind, documents: readonly string[], next: string | undefined): string {
  const rows = documents.map((text) => ({ xml: text.replace(/^﻿?\s*<\?xml[^>]*\?>\s*/, "") }));
  return xmlDocument(
    `${shapes[kind].list} ${namespace}`,
    rows,
    tag("IsTruncated", next !== undefined),
    maybe("NextContinuationToken", next),
  );
}
