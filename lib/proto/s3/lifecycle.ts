import type { XmlElement } from "../../wire/xml.ts";
import { readIsoDate } from "./dates.ts";
import { refuse, type Parsed } from "./error.ts";
import { checkTags } from "./facts.ts";
import { childOf, childrenOf, countIn, malformedXml, strangerIn, textIn, wordIn } from "./xml-walk.ts";

/** A rule as `rules/lifecycle` judges it. */
export interface WrittenRule {
  readonly id: string;
  readonly enabled: boolean;
  readonly prefix: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly over: number | undefined;
  readonly under: number | undefined;
  readonly expireDays: number | undefined;
  readonly expireAt: number | undefined;
  readonly dropMarkers: boolean;
  readonly noncurrentDays: number | undefined;
  readonly noncurrentKeep: number | undefined;
  readonly abortDays: number | undefined;
}

/** Reads `<LifecycleConfiguration><Rule>…`: 1–1,000 rules, ids unique. Transitions are refused: this house
 *  has one storage class. */
export function readLifecycle(root: XmlElement): Parsed<readonly WrittenRule[]> {
  if (root.name !== "LifecycleConfiguration" || strangerIn(root, ["Rule"]) !== undefined)
    return malformedXml();
  const rules: WrittenRule[] = [];
  for (const [i, element] of root.children.entries()) {
    const rule = readRule(element, i);
    if (!rule.ok) return rule;
    rules.push(rule.value);
  }
  if (rules.length === 0 || rules.length > 1000) return malformedXml();
  if (new Set(rules.map(({ id }) => id)).size !== rules.length) {
    return refuse("InvalidArgument", "Rule ID must be unique. Found same ID for more than one rule");
  }
  return { ok: true, value: rules };
}

function readRule(element: XmlElement, index: number): Parsed<WrittenRule> {
  if (childOf(element, "Transition") ?? childOf(element, "NoncurrentVersionTransition")) {
    return refuse("NotImplemented", "Transitions to another storage class are not implemented.");
  }
  const status = wordIn(element, "Status");
  const id = textIn(element, "ID") ?? `rule-${index + 1}`;
  if ((status !== "Enabled" && status !== "Disabled") || id.length > 255) return malformedXml();
  const filter = readFilter(element);
  if (!filter.ok) return filter;
  const acts = readActs(element);
  if (!acts.ok) return acts;
  const narrow =
    Object.keys(filter.value.tags).length > 0 ||
    filter.value.over !== undefined ||
    filter.value.under !== undefined;
  if (acts.value.abortDays !== undefined && narrow) {
    return refuse(
      "InvalidRequest",
      "AbortIncompleteMultipartUpload cannot be specified with Tags or a size.",
    );
  }
  return { ok: true, value: { id, enabled: status === "Enabled", ...filter.value, ...acts.value } };
}

type Filter = Pick<WrittenRule, "prefix" | "tags" | "over" | "under">;

function readFilter(rule: XmlElement): Parsed<Filter> {
  const filter = childOf(rule, "Filter");
  if (!filter)
    return {
      ok: true,
      value: { prefix: textIn(rule, "Prefix") ?? "", tags: {}, over: undefined, under: undefined },
    };
  const and = childOf(filter, "And");
  if (filter.children.length > 1) return malformedXml();
  const from = and ?? filter;
  const pairs = childrenOf(from, "Tag").map(
    (one) => [textIn(one, "Key") ?? "", textIn(one, "Value") ?? ""] as const,
  );
  const tags = checkTags(pairs, 10);
  if (!tags.ok) return tags;
  const [over, under] = [wordIn(from, "ObjectSizeGreaterThan"), wordIn(from, "ObjectSizeLessThan")];
  const value = {
    prefix: textIn(from, "Prefix") ?? "",
    tags: tags.value,
    over: countIn(over, 0, 2 ** 40),
    under: countIn(under, 1, 2 ** 40),
  };
  const bad =
    (over !== undefined && value.over === undefined) || (under !== undefined && value.under === undefined);
  return bad ? malformedXml() : { ok: true, value };
}

type Acts = Omit<WrittenRule, "id" | "enabled" | keyof Filter>;

function readActs(rule: XmlElement): Parsed<Acts> {
  const expiration = childOf(rule, "Expiration");
  const noncurrent = childOf(rule, "NoncurrentVersionExpiration");
  const abort = childOf(rule, "AbortIncompleteMultipartUpload");
  if (!expiration && !noncurrent && !abort) return malformedXml();
  const expiry = readExpiration(expiration);
  if (!expiry.ok) return expiry;
  const noncurrentDays = noncurrent && countIn(wordIn(noncurrent, "NoncurrentDays"), 1, 2_147_483_647);
  const keepText = noncurrent && wordIn(noncurrent, "NewerNoncurrentVersions");
  const noncurrentKeep = countIn(keepText, 1, 100);
  const abortDays = abort && countIn(wordIn(abort, "DaysAfterInitiation"), 1, 2_147_483_647);
  const bad =
    (noncurrent && noncurrentDays === undefined) ||
    (keepText !== undefined && noncurrentKeep === undefined) ||
    (abort && abortDays === undefined);
  if (bad)
    return refuse("InvalidArgument", "A number of days or versions is not a positive integer within bounds.");
  return { ok: true, value: { ...expiry.value, noncurrentDays, noncurrentKeep, abortDays } };
}

function readExpiration(
  element: XmlElement | undefined,
): Parsed<Pick<Acts, "expireDays" | "expireAt" | "dropMarkers">> {
  if (!element)
    return { ok: true, value: { expireDays: undefined, expireAt: undefined, dropMarkers: false } };
  const days = wordIn(element, "Days");
  const date = wordIn(element, "Date");
  const marker = wordIn(element, "ExpiredObjectDeleteMarker");
  if ([days, date, marker].filter((one) => one !== undefined).length !== 1) return malformedXml();
  const expireDays = countIn(days, 1, 2_147_483_647);
  const expireAt = date === undefined ? undefined : readIsoDate(date);
  if (days !== undefined && expireDays === undefined) {
    return refuse("InvalidArgument", "'Days' for Expiration action must be a positive integer");
  }
  if (date !== undefined && (expireAt === undefined || expireAt % 86_400_000 !== 0)) {
    return refuse("InvalidArgument", "'Date' must be at midnight GMT");
  }
  return { ok: true, value: { expireDays, expireAt, dropMarkers: marker === "true" } };
}
