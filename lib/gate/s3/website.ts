import type { HttpAnswer } from "../../base/http.ts";
import { errorStatus, type S3Error } from "../../proto/s3/error.ts";
import { percentEncodePath } from "../../proto/s3/target.ts";
import { readWebsite, type RoutingRule, type SiteRedirect, type Website } from "../../proto/s3/website.ts";
import { parseXmlText } from "../../proto/s3/xml-walk.ts";
import type { Answer } from "./call.ts";

/** What one request to a website is, and how it is read: as anybody would, with S3's own permissions. */
export interface SiteVisit {
  readonly method: string;
  /** Decoded, begins with "/". */
  readonly path: string;
  readonly host: string;
  readonly secure: boolean;
  /** The bucket's website document; undefined: it is none. */
  readonly document: string | undefined;
  /** GET or HEAD of a key, as the request's method is. */
  readonly read: (key: string) => Promise<Answer>;
}

/** The bucket that a website's host names: the part before one of the domains; undefined: no website's. */
export function siteOfHost(host: string | undefined, domains: readonly string[]): string | undefined {
  if (host === undefined || domains.length === 0) return undefined;
  const name = host.toLowerCase().replace(/:\d+$/, "");
  const domain = domains.find((one) => name.endsWith(`.${one}`));
  return domain === undefined ? undefined : name.slice(0, -domain.length - 1);
}

/** Answers a browser: index and error documents, redirections, and pages instead of XML. */
export async function visitSite(visit: SiteVisit): Promise<HttpAnswer> {
  const root = parseXmlText(visit.document);
  const site = root && readWebsite(root);
  if (!site?.ok) {
    const message = "The specified bucket does not have a website configuration";
    return page(visit, { code: "NoSuchWebsiteConfiguration", message });
  }
  if (visit.method !== "GET" && visit.method !== "HEAD") {
    const message = "The specified method is not allowed against this resource.";
    return page(visit, { code: "MethodNotAllowed", message, headers: { allow: "GET, HEAD" } });
  }
  const asked = visit.path.slice(1);
  const { redirectAll } = site.value;
  if (redirectAll) return redirect(visit, asked, undefined, { ...redirectAll, ...whole });
  const first = ruleOf(site.value, asked, undefined);
  if (first) return redirect(visit, asked, first.prefix, first.to);
  const folder = asked === "" || asked.endsWith("/");
  const done = await visit.read(folder ? asked + site.value.index : asked);
  if (done.ok) return landed(done.value);
  if (!folder && (await visit.read(`${asked}/${site.value.index}`)).ok) {
    return { status: 302, headers: { location: `/${percentEncodePath(asked)}/` }, body: undefined };
  }
  return await failed(visit, site.value, asked, done.fault);
}

const whole = { prefix: undefined, key: undefined, code: 301 };

/** An object may itself say where it has gone. */
function landed(answer: HttpAnswer): HttpAnswer {
  const elsewhere = answer.headers["x-amz-website-redirect-location"];
  if (elsewhere === undefined) return answer;
  void closed(answer);
  return { status: 301, headers: { location: elsewhere }, body: undefined };
}

async function closed({ body }: HttpAnswer): Promise<void> {
  if (body !== undefined && typeof body !== "string" && "close" in body) await body.close();
}

async function failed(visit: SiteVisit, site: Website, asked: string, fault: S3Error): Promise<HttpAnswer> {
  const status = errorStatus[fault.code];
  const rule = ruleOf(site, asked, status);
  if (rule) return redirect(visit, asked, rule.prefix, rule.to);
  if (site.error === "" || status >= 500 || status === 304) return page(visit, fault);
  const shown = await visit.read(site.error);
  if (!shown.ok) return page(visit, fault);
  return { ...shown.value, status: shown.value.status === 200 ? status : shown.value.status };
}

/** `status` undefined: the rules that are asked before anything is looked for. */
const ruleOf = (site: Website, key: string, status: number | undefined): RoutingRule | undefined =>
  site.rules.find((rule) => rule.status === status && key.startsWith(rule.prefix ?? ""));

function redirect(visit: SiteVisit, key: string, prefix: string | undefined, to: SiteRedirect): HttpAnswer {
  const swapped = to.prefix === undefined ? key : to.prefix + key.slice(prefix?.length ?? 0);
  const scheme = to.protocol ?? (visit.secure ? "https" : "http");
  const path = percentEncodePath(to.key ?? swapped);
  const location = `${scheme}://${to.host ?? visit.host}/${path}`;
  return { status: to.code, headers: { location }, body: undefined };
}

const reasons: Readonly<Partial<Record<number, string>>> = {
  400: "Bad Request",
  403: "Forbidden",
  404: "Not Found",
  405: "Method Not Allowed",
  412: "Precondition Failed",
  416: "Range Not Satisfiable",
};

function page(visit: SiteVisit, { code, message, headers }: S3Error): HttpAnswer {
  const status = errorStatus[code];
  const title = `${status} ${reasons[status] ?? "Error"}`;
  const body =
    `<!doctype html><html><head><title>${title}</title></head><body><h1>${title}</h1>` +
    `<ul><li>Code: ${code}</li><li>Message: ${message}</li></ul></body></html>\n`;
  const sent = visit.method === "HEAD" || status === 304 ? undefined : body;
  return { status, headers: { "content-type": "text/html; charset=utf-8", ...headers }, body: sent };
}
