import type { XmlElement } from "../../wire/xml.ts";
import { refuse, type Parsed } from "./error.ts";
import { childOf, childrenOf, countIn, malformedXml, strangerIn, textIn, wordIn } from "./xml-walk.ts";

/** How a bucket is a website. */
export interface Website {
  /** Where everything goes; then nothing else counts. */
  readonly redirectAll: Pick<SiteRedirect, "host" | "protocol"> | undefined;
  /** "index.html": what a folder is. */
  readonly index: string;
  /** The key of what is shown beside an error; "": our own page. */
  readonly error: string;
  readonly rules: readonly RoutingRule[];
}

export interface RoutingRule {
  readonly prefix: string | undefined;
  /** 404; undefined: before anything is looked for. */
  readonly status: number | undefined;
  readonly to: SiteRedirect;
}

export interface SiteRedirect {
  readonly host: string | undefined;
  readonly protocol: "http" | "https" | undefined;
  readonly prefix: string | undefined;
  readonly key: string | undefined;
  readonly code: number;
}

/** Reads `<WebsiteConfiguration>`: an index document, or a redirection of everything; at most 50 rules. */
export function readWebsite(root: XmlElement): Parsed<Website> {
  const known = ["IndexDocument", "ErrorDocument", "RedirectAllRequestsTo", "RoutingRules"];
  if (root.name !== "WebsiteConfiguration" || strangerIn(root, known) !== undefined) return malformedXml();
  const all = childOf(root, "RedirectAllRequestsTo");
  if (all) return readRedirectAll(root, all);
  const index = wordIn(childOf(root, "IndexDocument") ?? root, "Suffix") ?? "";
  if (index === "" || index.includes("/")) {
    return refuse("InvalidArgument", "The IndexDocument Suffix is not well formed");
  }
  const errorElement = childOf(root, "ErrorDocument");
  const error = errorElement ? (textIn(errorElement, "Key") ?? "") : "";
  if (errorElement && error === "")
    return refuse("InvalidArgument", "The ErrorDocument Key is not well formed");
  const rules: RoutingRule[] = [];
  for (const element of childOf(root, "RoutingRules")?.children ?? []) {
    const rule = element.name === "RoutingRule" ? readRule(element) : malformedXml();
    if (!rule.ok) return rule;
    rules.push(rule.value);
  }
  if (rules.length > 50) return refuse("InvalidRequest", "A website has at most 50 routing rules.");
  return { ok: true, value: { redirectAll: undefined, index, error, rules } };
}

function readRedirectAll(root: XmlElement, all: XmlElement): Parsed<Website> {
  if (root.children.length > 1) {
    return refuse("InvalidArgument", "RedirectAllRequestsTo cannot be provided in conjunction with others.");
  }
  const to = readTarget(all);
  if (!to.ok) return to;
  if (to.value.host === undefined) return malformedXml();
  return { ok: true, value: { redirectAll: to.value, index: "", error: "", rules: [] } };
}

function readTarget(element: XmlElement): Parsed<Pick<SiteRedirect, "host" | "protocol">> {
  const protocol = wordIn(element, "Protocol");
  const host = wordIn(element, "HostName");
  if (protocol !== undefined && protocol !== "http" && protocol !== "https") {
    return refuse("InvalidRequest", "Invalid protocol, protocol can be http or https.");
  }
  if (host !== undefined && !/^[A-Za-z0-9.\-[\]:]{1,255}$/.test(host)) return malformedXml();
  return { ok: true, value: { host, protocol } };
}

function readRule(element: XmlElement): Parsed<RoutingRule> {
  const condition = childOf(element, "Condition");
  const redirect = childOf(element, "Redirect");
  if (!redirect || childrenOf(element, "Redirect").length > 1) return malformedXml();
  const target = readTarget(redirect);
  if (!target.ok) return target;
  const prefix = condition && textIn(condition, "KeyPrefixEquals");
  const statusText = condition && wordIn(condition, "HttpErrorCodeReturnedEquals");
  const status = countIn(statusText, 400, 599);
  const codeText = wordIn(redirect, "HttpRedirectCode");
  const code = codeText === undefined ? 301 : countIn(codeText, 301, 308);
  const [swap, key] = [textIn(redirect, "ReplaceKeyPrefixWith"), textIn(redirect, "ReplaceKeyWith")];
  if (statusText !== undefined && status === undefined) {
    return refuse("InvalidRequest", "The provided HTTP error code is not valid. Valid codes are 4XX or 5XX.");
  }
  if (code === undefined || code === 304 || code === 306) {
    return refuse(
      "InvalidRequest",
      "The provided HTTP redirect code is not valid. Valid codes are 3XX except 300.",
    );
  }
  if (swap !== undefined && key !== undefined) {
    return refuse("InvalidRequest", "You can only define ReplaceKeyPrefix or ReplaceKey but not both.");
  }
  if (condition && prefix === undefined && status === undefined) return malformedXml();
  return { ok: true, value: { prefix, status, to: { ...target.value, prefix: swap, key, code } } };
}
