import type { XmlElement } from "../../wire/xml.ts";
import { refuse, type Parsed } from "./error.ts";
import { childrenOf, countIn, malformedXml, strangerIn, wordIn } from "./xml-walk.ts";

export interface CorsRule {
  /** Each with at most one "*". */
  readonly origins: readonly string[];
  readonly methods: readonly string[];
  readonly headers: readonly string[];
  readonly expose: readonly string[];
  readonly maxAge: number | undefined;
}

const methods = ["GET", "PUT", "POST", "DELETE", "HEAD"];
const known = ["ID", "AllowedOrigin", "AllowedMethod", "AllowedHeader", "ExposeHeader", "MaxAgeSeconds"];

/** Reads `<CORSConfiguration><CORSRule>…`: 1–100 rules. */
export function readCors(root: XmlElement): Parsed<readonly CorsRule[]> {
  if (root.name !== "CORSConfiguration" || strangerIn(root, ["CORSRule"]) !== undefined)
    return malformedXml();
  const rules: CorsRule[] = [];
  for (const element of root.children) {
    const rule = readRule(element);
    if (!rule.ok) return rule;
    rules.push(rule.value);
  }
  return rules.length === 0 || rules.length > 100 ? malformedXml() : { ok: true, value: rules };
}

function readRule(element: XmlElement): Parsed<CorsRule> {
  if (strangerIn(element, known) !== undefined) return malformedXml();
  const all = (name: string): string[] => childrenOf(element, name).map((child) => child.text.trim());
  const rule = {
    origins: all("AllowedOrigin"),
    methods: all("AllowedMethod"),
    headers: all("AllowedHeader"),
    expose: all("ExposeHeader"),
    maxAge: countIn(wordIn(element, "MaxAgeSeconds"), 0, 2_147_483_647),
  };
  if (rule.origins.length === 0 || rule.methods.length === 0) return malformedXml();
  const method = rule.methods.find((one) => !methods.includes(one));
  if (method !== undefined) {
    return refuse(
      "InvalidRequest",
      `Found unsupported HTTP method in CORS config. Unsupported method is ${method}`,
    );
  }
  const twice = [...rule.origins, ...rule.headers].find((one) => one.split("*").length > 2);
  if (twice !== undefined) {
    return refuse("InvalidRequest", `"${twice}" can not have more than one wildcard.`);
  }
  if ([...rule.headers, ...rule.expose, ...rule.origins].some((one) => !/^[\x21-\x7e]+$/.test(one)))
    return malformedXml();
  return { ok: true, value: rule };
}

/** The headers that let a page of `origin` do this; undefined: no rule does. `asked` are the headers a
 *  preflight asks for, lower case; undefined for the request itself. */
export function corsHeaders(
  rules: readonly CorsRule[],
  origin: string,
  method: string,
  asked: readonly string[] | undefined,
): Record<string, string> | undefined {
  for (const rule of rules) {
    const found = rule.origins.find((pattern) => fits(pattern, origin));
    if (found === undefined || !rule.methods.includes(method)) continue;
    if (asked && !asked.every((name) => rule.headers.some((h) => fits(h.toLowerCase(), name)))) continue;
    return headersOf(rule, found === "*" ? "*" : origin, asked);
  }
  return undefined;
}

function headersOf(
  rule: CorsRule,
  origin: string,
  asked: readonly string[] | undefined,
): Record<string, string> {
  const headers: Record<string, string> = {
    "access-control-allow-origin": origin,
    vary: "Origin, Access-Control-Request-Headers, Access-Control-Request-Method",
  };
  if (origin !== "*") headers["access-control-allow-credentials"] = "true";
  if (rule.expose.length > 0) headers["access-control-expose-headers"] = rule.expose.join(", ");
  if (!asked) return headers;
  headers["access-control-allow-methods"] = rule.methods.join(", ");
  if (asked.length > 0) headers["access-control-allow-headers"] = asked.join(", ");
  if (rule.maxAge !== undefined) headers["access-control-max-age"] = String(rule.maxAge);
  return headers;
}

function fits(pattern: string, text: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return pattern === text;
  const tail = pattern.slice(star + 1);
  return text.length >= pattern.length - 1 && text.startsWith(pattern.slice(0, star)) && text.endsWith(tail);
}
