import { tag, maybe, xmlDocument } from "../../wire/xml-text.ts";
import { readXml } from "../../wire/xml.ts";
import { refuse, type Parsed } from "./error.ts";
import { namespace } from "./listing.ts";

export interface DeleteAsk {
  readonly quiet: boolean;
  readonly objects: readonly DeleteOne[];
}
export interface DeleteOne {
  readonly key: string;
  readonly version: string | undefined;
  /** Without quotes; "*": any. */
  readonly etag: string | undefined;
}

const malformed = (): Parsed<never> =>
  refuse(
    "MalformedXML",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );

/** Reads `<Delete><Quiet/><Object><Key/><VersionId/><ETag/></Object>…`: 1–1,000 objects. */
export function readDelete(body: Uint8Array): Parsed<DeleteAsk> {
  const root = readXml(body);
  if (root?.name !== "Delete") return malformed();
  const objects: DeleteOne[] = [];
  let quiet = false;
  for (const child of root.children) {
    if (child.name === "Quiet") quiet = child.text.trim() === "true";
    if (child.name !== "Object") continue;
    const text = (name: string): string | undefined => child.children.find((c) => c.name === name)?.text;
    const key = text("Key");
    if (key === undefined || key === "") return malformed();
    const version = text("VersionId");
    objects.push({
      key,
      version: version === "" ? undefined : version,
      etag: text("ETag")
        ?.trim()
        .replace(/^"(.*)"$/, "$1"),
    });
  }
  return objects.length === 0 || objects.length > 1000
    ? malformed()
    : { ok: true, value: { quiet, objects } };
}

export type DeleteOutcome = DeleteOne &
  (
    | { readonly done: true; readonly marker: string | undefined }
    | { readonly done: false; readonly code: string; readonly message: string }
  );

export function deleteXml(quiet: boolean, outcomes: readonly DeleteOutcome[]): string {
  const rows = outcomes
    .filter((one) => !one.done || !quiet)
    .map((one) =>
      one.done
        ? tag(
            "Deleted",
            tag("Key", one.key),
            maybe("VersionId", one.version),
            maybe("DeleteMarker", one.marker === undefined ? undefined : true),
            maybe("DeleteMarkerVersionId", one.marker),
          )
        : tag(
            "Error",
            tag("Key", one.key),
            maybe("VersionId", one.version),
            tag("Code", one.code),
            tag("Message", one.message),
          ),
    );
  return xmlDocument(`DeleteResult ${namespace}`, rows);
}
