import type { XmlElement } from "../../wire/xml.ts";
import { refuse, type Parsed } from "./error.ts";
import { childOf, malformedXml, strangerIn, textIn, wordIn } from "./xml-walk.ts";

/** Where the access log of a bucket goes. */
export interface LoggingTarget {
  readonly bucket: string;
  readonly prefix: string;
}

/** Reads `<BucketLoggingStatus>`; undefined: no logging. Grants and partitioned keys are refused. */
export function readLogging(root: XmlElement): Parsed<LoggingTarget | undefined> {
  if (root.name !== "BucketLoggingStatus" || strangerIn(root, ["LoggingEnabled"]) !== undefined)
    return malformedXml();
  const on = childOf(root, "LoggingEnabled");
  if (!on) return { ok: true, value: undefined };
  const known = ["TargetBucket", "TargetPrefix", "TargetGrants", "TargetObjectKeyFormat"];
  const bucket = wordIn(on, "TargetBucket") ?? "";
  if (strangerIn(on, known) !== undefined || bucket === "") return malformedXml();
  if ((childOf(on, "TargetGrants")?.children.length ?? 0) > 0) {
    return refuse(
      "NotImplemented",
      "TargetGrants are not implemented: the target bucket's policy says who reads.",
    );
  }
  const format = childOf(on, "TargetObjectKeyFormat");
  if (format && childOf(format, "PartitionedPrefix")) {
    return refuse("NotImplemented", "PartitionedPrefix is not implemented.");
  }
  const prefix = textIn(on, "TargetPrefix") ?? "";
  return prefix.length > 800 ? malformedXml() : { ok: true, value: { bucket, prefix } };
}

/** What a line of an access log tells. */
export interface AccessRecord {
  readonly owner: string;
  readonly bucket: string;
  readonly atMs: number;
  readonly address: string;
  /** "" for nobody. */
  readonly requester: string;
  readonly requestId: string;
  /** "REST.GET.OBJECT" */
  readonly operation: string;
  readonly key: string;
  /** "GET /bucket/key HTTP/1.1" */
  readonly line: string;
  readonly status: number;
  readonly error: string;
  readonly bytesSent: number | undefined;
  readonly turnMs: number;
  readonly referer: string | undefined;
  readonly agent: string | undefined;
  readonly version: string | undefined;
  readonly signature: "SigV4" | "SigV2" | undefined;
  readonly authentication: "AuthHeader" | "QueryString" | undefined;
  readonly host: string | undefined;
  readonly secure: boolean;
}

const months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/** One line of AWS's server access log format, with its line feed. What is not known is "-". */
export function accessLine(of: AccessRecord): string {
  const plain = (text: string | undefined): string => (text ? text.replace(/[\s"]/g, "+") : "-");
  const quoted = (text: string | undefined): string =>
    // eslint-disable-next-line no-control-regex -- these must not break the line
    text ? `"${text.replace(/["\\]/g, "'").replace(/[\u0000-\u001f\u007f]/g, " ")}"` : '"-"';
  return (
    `${plain(of.owner)} ${plain(of.bucket)} [${logTime(of.atMs)}] ${plain(of.address)} ` +
    `${plain(of.requester)} ${plain(of.requestId)} ${of.operation} ${plain(of.key)} ${quoted(of.line)} ` +
    `${of.status} ${plain(of.error)} ${of.bytesSent ?? "-"} - - ${Math.round(of.turnMs)} ` +
    `${quoted(of.referer)} ${quoted(of.agent)} ${plain(of.version)} ${plain(of.requestId)} ` +
    `${of.signature ?? "-"} - ${of.authentication ?? "-"} ${plain(of.host)} ` +
    `${of.secure ? "TLSv1.2+" : "-"} - -\n`
  );
}

/** "06/Feb/2019:00:00:38 +0000" */
function logTime(ms: number): string {
  const [date, time] = new Date(ms).toISOString().split("T") as [string, string];
  const [year, month, day] = date.split("-") as [string, string, string];
  return `${day}/${months[Number(month) - 1]}/${year}:${time.slice(0, 8)} +0000`;
}
