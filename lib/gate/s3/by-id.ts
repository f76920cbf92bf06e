import { textOf } from "../../base/bytes.ts";
import { limits } from "../../base/limits.ts";
import { listByIdXml, readById, type ByIdKind } from "../../proto/s3/by-id.ts";
import { refuse, type Parsed } from "../../proto/s3/error.ts";
import { readInventory } from "../../proto/s3/inventory.ts";
import { parseXml } from "../../proto/s3/xml-walk.ts";
import { authority } from "./authority.ts";
import { readDocument } from "./body.ts";
import { answer, xmlAnswer, type Answer, type Call, type Handler } from "./call.ts";
import { faultAnswer } from "./faults.ts";

const pageRows = 100;
/** As many of a kind as S3 keeps. */
const most = 1000;

export const byIdName = (kind: ByIdKind, id: string): string => `${kind}:${id}`;

/** Beside an inventory's configuration: when it was last made, in ms since 1970. */
export const inventoryMade = (id: string): string => `inventory-made:${id}`;

const missing = (): ReturnType<typeof refuse> =>
  refuse("NoSuchConfiguration", "The specified configuration does not exist.");

const idsOf = (call: Call, kind: ByIdKind): string[] =>
  Object.keys(call.bucket.documents)
    .filter((name) => name.startsWith(`${kind}:`))
    .map((name) => name.slice(kind.length + 1))
    .sort();

/** One configuration, or without `id` a page of them. */
export const getById =
  (kind: ByIdKind): Handler =>
  async (call) => {
    const { documents } = call.bucket;
    const id = call.query.get("id");
    if (id !== undefined) {
      const text = documents[byIdName(kind, id)];
      return text === undefined ? missing() : xmlAnswer(text);
    }
    const after = call.query.get("continuation-token") ?? "";
    const later = idsOf(call, kind).filter((one) => one > after);
    const rows = later.slice(0, pageRows);
    const next = later.length > pageRows ? rows.at(-1) : undefined;
    return xmlAnswer(
      listByIdXml(
        kind,
        rows.map((one) => documents[byIdName(kind, one)]!),
        next,
      ),
    );
  };

export const putById =
  (kind: ByIdKind): Handler =>
  async (call) => {
    const body = await readDocument(call, limits.documentBytes);
    if (!body.ok) return body;
    const root = parseXml(body.value);
    if (!root.ok) return root;
    const id = call.query.get("id") ?? "";
    const read = readById(kind, root.value, id);
    if (!read.ok) return read;
    const ids = idsOf(call, kind);
    if (ids.length >= most && !ids.includes(id)) {
      return refuse(
        "TooManyConfigurations",
        "You are attempting to create a new configuration beyond 1,000.",
      );
    }
    if (kind === "inventory") {
      const checked = await checkInventory(call, read.value);
      if (!checked.ok) return checked;
    }
    return await change(call, kind, id, textOf(body.value) ?? "", 200);
  };

export const deleteById =
  (kind: ByIdKind): Handler =>
  async (call) => {
    const id = call.query.get("id") ?? "";
    const there = call.bucket.documents[byIdName(kind, id)] !== undefined;
    return there ? await change(call, kind, id, null, 204) : missing();
  };

/** A changed inventory is due at once. */
async function change(
  call: Call,
  kind: ByIdKind,
  id: string,
  text: string | null,
  status: number,
): Promise<Answer> {
  const documents = {
    [byIdName(kind, id)]: text,
    ...(kind === "inventory" ? { [inventoryMade(id)]: null } : {}),
  };
  const done = await call.objects.changeBucket(call.actor, call.bucket.name, { documents });
  return done.ok ? answer(status) : faultAnswer(done.fault, "NoSuchBucket");
}

/** The destination is a bucket of the same house in which the caller may write. */
async function checkInventory(
  call: Call,
  root: Parameters<typeof readInventory>[0],
): Promise<Parsed<unknown>> {
  const inventory = readInventory(root);
  if (!inventory.ok) return inventory;
  const bucket = await call.objects.bucket(inventory.value.to.bucket);
  if (!bucket.ok) {
    return refuse("InvalidS3DestinationBucket", "The destination bucket of the inventory does not exist.");
  }
  return (await call.mayAlso(authority.PutObject, bucket.value, inventory.value.to.prefix))
    ? inventory
    : refuse("AccessDenied", "Access Denied");
}
