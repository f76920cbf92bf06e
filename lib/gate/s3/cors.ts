import type { HttpAnswer, HttpRequest } from "../../base/http.ts";
import { corsHeaders, readCors, type CorsRule } from "../../proto/s3/cors.ts";
import { refuse } from "../../proto/s3/error.ts";
import { parseXmlText } from "../../proto/s3/xml-walk.ts";
import type { Objects } from "../../store/objects.ts";
import { answer, type Answer } from "./call.ts";

/** A browser's question before the request itself. Nobody is asked who they are. */
export async function corsAnswer(objects: Objects, bucket: string, request: HttpRequest): Promise<Answer> {
  const origin = request.headers.get("origin");
  const method = request.headers.get("access-control-request-method");
  if (origin === undefined || method === undefined) {
    return refuse("BadRequest", "Insufficient information. Origin request header needed.");
  }
  const asked = (request.headers.get("access-control-request-headers") ?? "")
    .split(",")
    .map((name) => name.trim().toLowerCase())
    .filter((name) => name !== "");
  const headers = corsHeaders(await rulesOf(objects, bucket), origin, method, asked);
  if (headers) return answer(200, headers);
  return refuse("AccessForbidden", "CORSResponse: This CORS request is not allowed.");
}

/** Whether a page of another origin will read the answer. */
export const isForPage = (bucket: string, request: HttpRequest): boolean =>
  bucket !== "" && request.headers.has("origin") && request.method !== "OPTIONS";

/** The answer with the headers that let a page read it, errors too. */
export async function withCors(
  objects: Objects,
  bucket: string,
  request: HttpRequest,
  given: HttpAnswer,
): Promise<HttpAnswer> {
  const origin = request.headers.get("origin") ?? "";
  const headers = corsHeaders(await rulesOf(objects, bucket), origin, request.method, undefined);
  return headers ? { ...given, headers: { ...given.headers, ...headers } } : given;
}

async function rulesOf(objects: Objects, name: string): Promise<readonly CorsRule[]> {
  const bucket = await objects.bucket(name);
  const root = bucket.ok ? parseXmlText(bucket.value.documents["cors"]) : undefined;
  const rules = root && readCors(root);
  return rules?.ok ? rules.value : [];
}
