import { mark, icons } from "./icons.ts";
import { html, type Markup } from "./markup.ts";
import { didTexts, type Content, type Visit, type Word } from "./page.ts";

const entries = [
  ["overview", "Overview", ""],
  ["time", "Time", "/time"],
  ["buckets", "Buckets", "/buckets"],
  ["users", "Users", "/users"],
  ["permissions", "Permissions", "/permissions"],
  ["sessions", "Sessions", "/sessions"],
  ["events", "Events", "/events"],
  ["audit", "Audit", "/audit"],
  ["settings", "Settings", "/settings"],
] as const;

/** A page that only this daemon's console has. */
const only: Readonly<Record<string, string>> = { time: "utcd" };

/** For who is no administrator: everything else would be refused. */
const ownEntries = [["you", "You", "/you"]] as const;

/** A whole document. Style and script are files of their own: the policy allows nothing else. */
export function documentOf(title: string, body: Markup): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="same-origin" />
        <title>${title} · Holdfast</title>
        <link rel="icon" href="/console/mark.svg" type="image/svg+xml" />
        <link rel="stylesheet" href="/console/style.css" />
        <script src="/console/live.js" type="module"></script>
      </head>
      <body>
        ${body}
      </body>
    </html> `.text;
}

/** The side bar, and the page beside it. */
export function framed(nav: string, visit: Visit, content: Content, word: Word | undefined): string {
  const { title, lead, crumb, body } = content;
  const shown = (visit.who.role === "admin" ? entries : ownEntries).filter(
    ([name]) => (only[name] ?? visit.service) === visit.service,
  );
  const links = shown.map(([name, label, path]) => {
    const current = name === nav ? html` aria-current="page"` : undefined;
    const rule = name === "sessions" ? html`<div class="rule"></div>` : undefined;
    return html`${rule}<a href="/console${path}" ${current}>${icons[name]}${label}</a>`;
  });
  return documentOf(
    title,
    html`<div class="frame">
      <div class="side">
        <a class="brand" href="/console">${mark}Holdfast</a>
        <nav aria-label="Console">${links}</nav>
        <div class="who">
          <a href="/console/you" title="${visit.who.role}">${visit.who.name}</a>
          <form method="post" action="/console/sign-out"><button class="quiet">Sign out</button></form>
        </div>
      </div>
      <main>
        <div class="head">
          <div>
            ${crumb && html`<p class="crumb"><a href="${crumb.to}">${crumb.name}</a></p>`}
            <h1>${title}</h1>
            ${lead && html`<p>${lead}</p>`}
          </div>
        </div>
        ${word && wordOf(word)} ${body}
      </main>
    </div>`,
  );
}

function wordOf(word: Word): Markup {
  if ("did" in word) return html`<p class="word" role="status">${didTexts[word.did]}</p>`;
  if ("trouble" in word) {
    const { what, mend } = word.trouble;
    return html`<div class="word bad" role="alert">
      <strong>${sentence(what)}</strong>${mend && html`<span>${sentence(mend)}</span>`}
    </div>`;
  }
  const rows = word.shown.map(
    ([name, value]) =>
      html`<dt>${name}</dt>
        <dd>${value}</dd>`,
  );
  return html`<div class="word" role="status">
    <strong>${word.about}</strong><span>Keep it now: it is not shown again.</span>
    <dl class="secret">${rows}</dl>
  </div>`;
}

/** "no such user" as a sentence begins and ends. */
export const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? "" : "."}`;

/** The page where one signs in. */
export function signInDocument(service: string, trouble: string | undefined, user: string): string {
  return documentOf(
    "Sign in",
    html`<main class="door">
      <div>
        <div class="brand">${mark}Holdfast</div>
        ${trouble && html`<p class="word bad" role="alert">${sentence(trouble)}</p>`}
        <form class="sheet" method="post" action="/console/sign-in">
          <label
            >User<input
              name="user"
              value="${user}"
              autocomplete="username"
              autocapitalize="none"
              spellcheck="false"
              required
              autofocus
          /></label>
          <label
            >Password<input name="password" type="password" autocomplete="current-password" required
          /></label>
          <button class="first">Sign in</button>
        </form>
        <p class="foot">holdfast-${service} on this host</p>
      </div>
    </main>`,
  );
}
