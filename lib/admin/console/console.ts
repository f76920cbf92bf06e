import type { Context } from "hono";
import { fault } from "../../base/fault.ts";
import type { Result } from "../../base/result.ts";
import type { Clock } from "../../base/time.ts";
import type { AdminApp, AdminEnv } from "../needs.ts";
import { statusOf } from "../problem.ts";
import { auditPage, eventsPage, sessionsPage } from "./watch-pages.ts";
import { bucketPage, bucketsPage } from "./buckets-page.ts";
import { framed, signInDocument } from "./frame.ts";
import { houseApi, type HouseApi } from "./house-api.ts";
import { mark } from "./icons.ts";
import script from "./live.js" with { type: "text" };
import { html } from "./markup.ts";
import { objectPage } from "./object-page.ts";
import { overviewPage } from "./overview-page.ts";
import { didTexts, type ConsolePage, type Did, type Visit, type Word } from "./page.ts";
import { permissionsPage } from "./permissions-page.ts";
import { settingPage, settingsPage } from "./settings-page.ts";
import { dropSession, isOwnOrigin, keepSession, sessionOf } from "./session.ts";
import style from "./style.css" with { type: "text" };
import { timePage } from "./time-page.ts";
import { youPage } from "./you-page.ts";
import { userPage } from "./user-page.ts";
import { usersPage } from "./users-page.ts";

type Ctx = Context<AdminEnv>;

const pages: readonly ConsolePage[] = [
  overviewPage,
  bucketsPage,
  bucketPage,
  objectPage,
  usersPage,
  userPage,
  permissionsPage,
  sessionsPage,
  eventsPage,
  auditPage,
  settingsPage,
  settingPage,
  timePage,
  youPage,
];

const policy =
  "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; " +
  "form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

interface About {
  readonly service: string;
  readonly clock: Clock;
}

/** The console: pages over the same API, with the visitor's own rights. They work without script; the script
 *  keeps the lists of events alive. The session is a token in a cookie that no script can read. */
export function mountConsole(app: AdminApp, about: About): void {
  const assets = [
    ["/console/style.css", "text/css; charset=utf-8", style],
    ["/console/live.js", "text/javascript; charset=utf-8", script],
    ["/console/mark.svg", "image/svg+xml", iconText],
  ] as const;
  for (const [path, type, text] of assets)
    app.get(path, (c) => c.body(text, 200, { "content-type": type, "cache-control": "max-age=300" }));
  app.get("/", (c) => c.redirect("/console"));
  const asked = (c: Ctx, token: string | undefined): HouseApi =>
    houseApi((request, env) => app.fetch(request, env), c.env.peer, token);
  const api = (c: Ctx): HouseApi => asked(c, sessionOf(c));
  mountDoor(app, about, api, (c) => asked(c, undefined));
  app.get("/console/live", async (c) => {
    const after = /^\d{1,15}$/.exec(c.req.query("after") ?? "")?.[0];
    const resumed = /^\d{1,15}$/.exec(c.req.header("last-event-id") ?? "")?.[0];
    const from = resumed ?? after;
    return await api(c).open(`/events/live${from === undefined ? "" : `?after=${from}`}`, c.req.raw.signal);
  });
  app.get("/console/buckets/:name/content", async (c) => {
    const asked = new URL(c.req.url).search;
    return await api(c).open(
      `/buckets/${encodeURIComponent(c.req.param("name"))}/object${asked}`,
      c.req.raw.signal,
    );
  });
  for (const page of pages) {
    if (page.only !== undefined && page.only !== about.service) continue;
    app.get(page.path, async (c) => await show(c, page, about, api(c), undefined));
    if (page.actions) app.post(page.path, async (c) => await act(c, page, about, api(c)));
  }
}

const iconText = mark.text
  .replace("<svg ", '<svg xmlns="http://www.w3.org/2000/svg" ')
  .replace("currentColor", "#0f6a52");

type ApiOf = (c: Ctx) => HouseApi;

function mountDoor(app: AdminApp, { service }: About, api: ApiOf, nobody: ApiOf): void {
  app.get("/console/sign-in", (c) => pageOf(c, signInDocument(service, undefined, ""), 200));
  app.post("/console/sign-in", async (c) => {
    const form = await formOf(c);
    if (!form.ok) return pageOf(c, signInDocument(service, form.fault.what, ""), 403);
    const user = form.value.get("user") ?? "";
    const password = form.value.get("password") ?? "";
    // Nobody asks: whatever session the browser still knows may have ended.
    const signedIn = await nobody(c).ask<{ token: string; role: string }>("POST", "/sign-in", {
      user,
      password,
    });
    if (!signedIn.ok)
      return pageOf(c, signInDocument(service, signedIn.fault.what, user), statusOf[signedIn.fault.code]);
    keepSession(c, signedIn.value.token);
    return c.redirect(signedIn.value.role === "admin" ? "/console" : "/console/you", 303);
  });
  app.post("/console/sign-out", async (c) => {
    const form = await formOf(c);
    if (form.ok && sessionOf(c) !== undefined) await api(c).ask("DELETE", "/sign-in");
    if (form.ok) dropSession(c);
    return c.redirect("/console/sign-in", 303);
  });
}

/** A form of our own page. Faults: denied. */
async function formOf(c: Ctx): Promise<Result<URLSearchParams>> {
  if (!isOwnOrigin(c))
    return { ok: false, fault: fault("denied", "the form did not come from this console") };
  return { ok: true, value: new URLSearchParams(await c.req.text()) };
}

async function visitOf(c: Ctx, about: About, api: HouseApi, form: URLSearchParams): Promise<Result<Visit>> {
  const me = await api.ask<{ user: { name: string; role: string } | null }>("GET", "/me");
  if (!me.ok) return me;
  if (!me.value.user) return { ok: false, fault: fault("unauthenticated", "nobody is signed in") };
  return {
    ok: true,
    value: {
      api,
      who: me.value.user,
      now: about.clock.wall(),
      service: about.service,
      host: new URL(c.req.url).hostname,
      query: new URL(c.req.url).searchParams,
      name: c.req.param("name") ?? "",
      form,
    },
  };
}

async function show(
  c: Ctx,
  page: ConsolePage,
  about: About,
  api: HouseApi,
  word: Word | undefined,
): Promise<Response> {
  const visit = await visitOf(c, about, api, new URLSearchParams());
  if (!visit.ok) return c.redirect("/console/sign-in", 303);
  const content = await page.render(visit.value);
  if (!content.ok) {
    const title = content.fault.code === "denied" ? "Not for you" : "That did not work";
    const body = html`<p><a href="/console">Back to the overview</a></p>`;
    const told = framed(page.nav, visit.value, { title, body }, { trouble: content.fault });
    return pageOf(c, told, statusOf[content.fault.code]);
  }
  const did = visit.value.query.get("did");
  const said = word ?? (did !== null && Object.hasOwn(didTexts, did) ? { did: did as Did } : undefined);
  return pageOf(
    c,
    framed(page.nav, visit.value, content.value, said),
    word && "trouble" in word ? statusOf[word.trouble.code] : 200,
  );
}

async function act(c: Ctx, page: ConsolePage, about: About, api: HouseApi): Promise<Response> {
  const form = await formOf(c);
  if (!form.ok) return await show(c, page, about, api, { trouble: form.fault });
  const visit = await visitOf(c, about, api, form.value);
  if (!visit.ok) return c.redirect("/console/sign-in", 303);
  const name = form.value.get("do") ?? "";
  const action = page.actions && Object.hasOwn(page.actions, name) ? page.actions[name] : undefined;
  if (!action)
    return await show(c, page, about, api, { trouble: fault("invalid", "this page cannot do that") });
  const next = await action(visit.value);
  if (!next.ok) return await show(c, page, about, api, { trouble: next.fault });
  if ("shown" in next.value) return await show(c, page, about, api, next.value);
  const { to, did } = next.value;
  return c.redirect(`${to}${to.includes("?") ? "&" : "?"}did=${did}`, 303);
}

/** `no-referrer` would make browsers send `Origin: null` with our own forms. */
const pageHeaders = {
  "content-security-policy": policy,
  "referrer-policy": "same-origin",
  "cache-control": "no-store",
};

const pageOf = (c: Ctx, text: string, status: number): Response => c.html(text, status as 200, pageHeaders);
