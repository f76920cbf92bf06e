import { limits } from "../../base/limits.ts";
import { refuse, type ErrorCode, type Parsed } from "../../proto/s3/error.ts";
import { readCors } from "../../proto/s3/cors.ts";
import { readLifecycle } from "../../proto/s3/lifecycle.ts";
import { readOwnership, readPublicAccessBlock } from "../../proto/s3/public-access.ts";
import { readTagging } from "../../proto/s3/tagging.ts";
import { emptyDocument, ownerPays, readAccelerate, readPayer } from "../../proto/s3/unset.ts";
import { readWebsite } from "../../proto/s3/website.ts";
import { parseXml } from "../../proto/s3/xml-walk.ts";
import { readDocument } from "./body.ts";
import { answer, xmlAnswer, type Answer, type Call, type Handler } from "./call.ts";
import { faultAnswer } from "./faults.ts";

type Root = Extract<ReturnType<typeof parseXml>, { ok: true }>["value"];

/** A bucket's configuration document: checked when it is put, kept as it was sent, given back the same. */
export interface DocumentKind {
  /** Its name among the bucket's documents. */
  readonly name: string;
  readonly check: (root: Root) => Parsed<unknown>;
  /** What is said where there is none: an error, or a document. */
  readonly missing: { readonly code: ErrorCode; readonly message: string } | { readonly document: string };
  readonly putStatus?: 200 | 204;
  /** S3 wants a checksum of it. */
  readonly mustSum?: boolean;
}

const kinds = {
  tagging: {
    name: "tagging",
    check: (root) => readTagging(root, 50),
    missing: { code: "NoSuchTagSet", message: "The TagSet does not exist" },
    putStatus: 204,
  },
  cors: {
    name: "cors",
    check: readCors,
    missing: { code: "NoSuchCORSConfiguration", message: "The CORS configuration does not exist" },
  },
  lifecycle: {
    name: "lifecycle",
    check: readLifecycle,
    missing: { code: "NoSuchLifecycleConfiguration", message: "The lifecycle configuration does not exist" },
    mustSum: true,
  },
  publicAccessBlock: {
    name: "publicAccessBlock",
    check: readPublicAccessBlock,
    missing: {
      code: "NoSuchPublicAccessBlockConfiguration",
      message: "The public access block configuration was not found",
    },
  },
  website: {
    name: "website",
    check: readWebsite,
    missing: {
      code: "NoSuchWebsiteConfiguration",
      message: "The specified bucket does not have a website configuration",
    },
  },
  requestPayment: { name: "request-payment", check: readPayer, missing: { document: ownerPays() } },
  accelerate: {
    name: "accelerate",
    check: readAccelerate,
    missing: { document: emptyDocument("AccelerateConfiguration") },
  },
  ownershipControls: {
    name: "ownershipControls",
    check: readOwnership,
    missing: {
      code: "OwnershipControlsNotFoundError",
      message: "The bucket ownership controls were not found",
    },
  },
} as const satisfies Readonly<Record<string, DocumentKind>>;
export type DocumentName = keyof typeof kinds;

export const getDocument =
  (name: DocumentName): Handler =>
  async (call) => {
    const kind: DocumentKind = kinds[name];
    const text = call.bucket.documents[kind.name];
    if (text !== undefined) return xmlAnswer(text);
    const { missing } = kind;
    return "document" in missing ? xmlAnswer(missing.document) : refuse(missing.code, missing.message);
  };

export const putDocument =
  (name: DocumentName): Handler =>
  async (call) => {
    const kind: DocumentKind = kinds[name];
    const body = await readDocument(call, limits.documentBytes, kind.mustSum);
    if (!body.ok) return body;
    const root = parseXml(body.value);
    if (!root.ok) return root;
    const checked = kind.check(root.value);
    if (!checked.ok) return checked;
    return await keep(call, kind.name, new TextDecoder().decode(body.value), kind.putStatus ?? 200);
  };

export const deleteDocument =
  (name: DocumentName): Handler =>
  (call) =>
    keep(call, kinds[name].name, null, 204);

/** Sets or removes a document of the bucket. */
export async function keep(
  call: Call,
  name: string,
  text: string | null,
  status: 200 | 204,
): Promise<Answer> {
  const done = await call.objects.changeBucket(call.actor, call.bucket.name, { documents: { [name]: text } });
  return done.ok ? answer(status) : faultAnswer(done.fault, "NoSuchBucket");
}
