import { bytesText, spanText } from "../../base/amount-text.ts";
import { ok } from "../../base/result.ts";
import { liveFeed, liveMark } from "./feed.ts";
import { html, type Markup } from "./markup.ts";
import type { ConsolePage, Visit } from "./page.ts";
import { bar, length, plural } from "./parts.ts";
import type { BucketView } from "../buckets-panel.ts";
import type { EventView } from "../events-panel.ts";
import type { PageOf } from "../panel.ts";
import type { StatusView } from "../status-panel.ts";
import type { UserView } from "../users-panel.ts";

/** Everything at a glance: who runs, what is kept, what happens. */
export const overviewPage: ConsolePage = {
  path: "/console",
  nav: "overview",
  async render({ api, host, service }: Visit) {
    const [daemons, buckets, users, events] = await Promise.all([
      api.ask<{ rows: StatusView[] }>("GET", "/daemons"),
      api.ask<PageOf<BucketView>>("GET", "/buckets?limit=1000"),
      api.ask<PageOf<UserView>>("GET", "/users?limit=1000"),
      api.ask<PageOf<EventView>>("GET", "/events?last=50&limit=100"),
    ]);
    if (!daemons.ok) return daemons;
    if (!buckets.ok) return buckets;
    if (!users.ok) return users;
    if (!events.ok) return events;
    const newestFirst = [...events.value.rows].reverse();
    const looks = looksOf(buckets.value.rows);
    const cards = inOrder(daemons.value.rows).map((one) =>
      daemonCard(one, one.service === service ? undefined : host),
    );
    const body = html`${looks}
      <div class="daemons">${cards}</div>
      ${figures(buckets.value.rows, users.value.rows)}
      <div class="two">
        <section class="sheet">
          <header>
            <h2>What happens</h2>
            ${liveMark}
          </header>
          ${liveFeed(newestFirst, 7)}
        </section>
        <section class="sheet">
          <header>
            <h2>What is kept</h2>
            <a class="soft" href="/console/buckets">All buckets</a>
          </header>
          ${shares(buckets.value.rows)}
        </section>
      </div>`;
    return ok({ title: titleOf(daemons.value.rows, looks), lead: leadOf(daemons.value.rows), body });
  },
};

const titleOf = (daemons: readonly StatusView[], looks: readonly Markup[]): string => {
  const waiting = daemons.filter(({ ready }) => !ready).length;
  const all = waiting + looks.length;
  return all === 0 ? "All is well" : all === 1 ? "One thing needs a look" : `${all} things need a look`;
};

const leadOf = (daemons: readonly StatusView[]): string =>
  daemons.length === 1
    ? "One daemon of this house runs."
    : `${plural(daemons.length, "daemon")} of this house run on one data directory.`;

/** Buckets that are nearly or wholly full. */
function looksOf(buckets: readonly BucketView[]): Markup[] {
  return buckets.flatMap(({ name, usage, quota }) => {
    const share = quota.bytes === null ? 0 : usage.bytes / Math.max(1, quota.bytes);
    if (quota.bytes === null || share < 0.85) return [];
    const link = html`<a href="/console/buckets/${encodeURIComponent(name)}">${name}</a>`;
    return [
      html`<p class="word look">
        ${link} is ${Math.floor(share * 100)} % full: ${bytesText(usage.bytes)} of ${bytesText(quota.bytes)}.
      </p>`,
    ];
  });
}

/** In the house's own order; what is not known comes last. */
const order = ["s3d", "ftpd", "smbd", "utcd"];
const inOrder = (daemons: readonly StatusView[]): StatusView[] =>
  [...daemons].sort((a, b) => placeOf(a.service) - placeOf(b.service));
const placeOf = (service: string): number =>
  order.includes(service) ? order.indexOf(service) : order.length;

const does: Readonly<Record<string, string>> = {
  s3d: "Objects through S3",
  ftpd: "Files through FTP and SFTP",
  smbd: "Shares through SMB",
  utcd: "The time",
};

/** Names of the doors as people say them. */
const doors: Readonly<Record<string, string>> = {
  s3: "S3",
  ftp: "FTP",
  ftps: "FTPS",
  sftp: "SFTP",
  smb: "SMB",
  ntp: "NTP",
  ntske: "NTS",
  time: "TIME",
  daytime: "Daytime",
  roughtime: "Roughtime",
  admin: "Console",
};

/** `host` is by which another daemon's console can be reached. */
function daemonCard(
  { service, ready, waiting, startedAt, now, listening }: StatusView,
  host: string | undefined,
): Markup {
  const up = spanText(Date.parse(now) - Date.parse(startedAt));
  const doorsFirst = [...listening].sort((a, b) => Number(a.name === "admin") - Number(b.name === "admin"));
  const rows = doorsFirst.map(
    ({ name, address }) =>
      html`<li>
        <span class="soft">${doors[name] ?? name}</span>${
          name === "admin" && host !== undefined
            ? html`<a class="mono" href="${consoleLink(host, address)}">${address}</a>`
            : html`<span class="mono">${address}</span>`
        }
      </li>`,
  );
  const reasons = waiting.map(({ part, reason }) => html`<p>${part}: ${reason}</p>`);
  return html`<section class="sheet daemon">
    <header>
      <span class="dot${ready ? "" : " wait"}"></span>
      <h2>${service}</h2>
      <span class="soft">${up}</span>
    </header>
    <p>${does[service] ?? ""}</p>
    ${reasons}
    <ul>
      ${rows}
    </ul>
  </section>`;
}

function figures(buckets: readonly BucketView[], users: readonly UserView[]): Markup {
  const bytes = buckets.reduce((sum, { usage }) => sum + usage.bytes, 0);
  const objects = buckets.reduce((sum, { usage }) => sum + usage.objects, 0);
  const [amount, unit] = bytesText(bytes).split(" ");
  const figure = (name: string, value: Markup): Markup =>
    html`<div>
      <dt>${name}</dt>
      <dd>${value}</dd>
    </div>`;
  const count = (value: number): Markup => html`${value.toLocaleString("en")}`;
  return html`<dl class="sheet figures">
    ${[
      figure("Kept", html`${amount} <small>${unit}</small>`),
      figure("Objects", count(objects)),
      figure("Buckets", count(buckets.length)),
      figure("Users", count(users.length)),
    ]}
  </dl>`;
}

/** The six largest buckets, against their quota where they have one, else against the largest. */
function shares(buckets: readonly BucketView[]): Markup {
  const largest = [...buckets].sort((a, b) => b.usage.bytes - a.usage.bytes).slice(0, 6);
  if (largest.length === 0) return html`<p class="empty">No buckets yet.</p>`;
  const most = Math.max(1, ...largest.map(({ usage }) => usage.bytes));
  const rows = largest.map(({ name, usage, quota }) => {
    const of = quota.bytes === null ? "" : ` of ${bytesText(quota.bytes)}`;
    const share = usage.bytes / Math.max(1, quota.bytes ?? most);
    return html`<li>
      <a href="/console/buckets/${encodeURIComponent(name)}">${name}</a
      ><span class="soft num">${bytesText(usage.bytes)}${of}</span
      >${(quota.bytes === null ? length : bar)(share, `${name} keeps ${bytesText(usage.bytes)}${of}`)}
    </li>`;
  });
  return html`<ul class="shares">
    ${rows}
  </ul>`;
}

/** Another daemon's console: the same host, its port; whoever is signed in here is there. */
const consoleLink = (host: string, address: string): string =>
  `https://${host}:${address.slice(address.lastIndexOf(":") + 1)}/console`;
