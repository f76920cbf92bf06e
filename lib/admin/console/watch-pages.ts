import { bytesText } from "../../base/amount-text.ts";
import { ok, type Result } from "../../base/result.ts";
import { liveFeed, liveMark } from "./feed.ts";
import { html, type Markup } from "./markup.ts";
import type { ConsolePage, Next, Visit } from "./page.ts";
import { pager, table, th, when } from "./parts.ts";
import type { EventView } from "../events-panel.ts";
import type { PageOf } from "../panel.ts";

/** What happens, as it happens. */
export const eventsPage: ConsolePage = {
  path: "/console/events",
  nav: "events",
  async render({ api }: Visit) {
    const page = await api.ask<PageOf<EventView>>("GET", "/events?last=200&limit=1000");
    if (!page.ok) return page;
    const newestFirst = [...page.value.rows].reverse();
    const body = html`<section class="sheet">
      <header>
        <h2>Newest first</h2>
        ${liveMark}
      </header>
      ${liveFeed(newestFirst, 200)}
    </section>`;
    return ok({
      title: "Events",
      lead: "Every change of buckets, objects and users, whichever door it came through.",
      body,
    });
  },
};

interface AuditRow {
  readonly seq: number;
  readonly at: string;
  readonly verb: string;
  readonly who?: string;
  readonly door?: string;
  readonly address?: string;
  readonly target?: string;
  readonly outcome?: string;
}

interface Proof {
  readonly key: string;
  readonly chains: readonly {
    readonly daemon: string;
    readonly lines: number;
    readonly findings: readonly { readonly where: string; readonly what: string }[];
  }[];
}

/** Who did what, and whether the trail is whole. */
export const auditPage: ConsolePage = {
  path: "/console/audit",
  nav: "audit",
  async render({ api, query, service }: Visit) {
    const daemon = query.get("daemon") ?? service;
    const cursor = query.get("cursor");
    const base = `daemon=${encodeURIComponent(daemon)}`;
    const from = cursor === null ? "" : `&cursor=${encodeURIComponent(cursor)}`;
    const [page, chains, proof] = await Promise.all([
      api.ask<PageOf<AuditRow>>("GET", `/audit?limit=50&${base}${from}`),
      api.ask<{ rows: string[] }>("GET", "/audit/chains"),
      query.has("prove") ? api.ask<Proof>("GET", "/audit/proof") : undefined,
    ]);
    if (!page.ok) return page;
    if (!chains.ok) return chains;
    if (proof && !proof.ok) return proof;
    const options = chains.value.rows.map(
      (one) => html`<option${one === daemon && html` selected`}>${one}</option>`,
    );
    const headings = [
      th("Line", "num"),
      th("When"),
      th("Who"),
      th("Did"),
      th("To"),
      th("From"),
      th("Outcome"),
    ];
    const body = html`${proof && proofWord(proof.value)}
      <section class="sheet">
        <header>
          <form class="row" method="get">
            <select name="daemon" aria-label="Daemon">
              ${options}</select
            ><button>Show</button>
          </form>
          <form method="get">
            <input type="hidden" name="daemon" value="${daemon}" /><button name="prove" value="1">
              Prove it is whole
            </button>
          </form>
        </header>
        ${table(headings, page.value.rows.map(auditRow), "This daemon has told nothing yet.")}
        ${pager(`/console/audit?${base}`, page.value.next)}
      </section>`;
    return ok({
      title: "Audit",
      lead: "Each line holds the hash of the one before it; checkpoints are signed.",
      body,
    });
  },
};

function proofWord({ key, chains }: Proof): Markup {
  const findings = chains.flatMap(({ daemon, findings }) => findings.map((one) => ({ daemon, ...one })));
  const lines = chains.reduce((sum, chain) => sum + chain.lines, 0);
  if (findings.length === 0)
    return html`<p class="word">
      <strong>The trail is whole.</strong
      ><span
        >${lines.toLocaleString("en")} lines of ${chains.map(({ daemon }) => daemon).join(", ")}; key
        <code>${key}</code></span
      >
    </p>`;
  const rows = findings.slice(0, 20).map(({ where, what }) => html`<span>${where}: ${what}</span>`);
  return html`<p class="word bad"><strong>The trail is not whole.</strong>${rows}</p>`;
}

function auditRow({
  seq,
  at,
  verb,
  who = "",
  door = "",
  address = "",
  target = "",
  outcome = "",
}: AuditRow): Markup {
  if (verb === "checkpoint")
    return html`<tr>
      <td class="num faint">${seq}</td>
      <td>${when(at)}</td>
      <td colspan="5" class="faint">sealed and signed up to here</td>
    </tr>`;
  const from = [door, address].filter((part) => part !== "").join(" ");
  return html`<tr>
    <td class="num faint">${seq}</td>
    <td>${when(at)}</td>
    <td class="name">${who}</td>
    <td>${verb}</td>
    <td class="wrap mono">${target}</td>
    <td class="soft">${from}</td>
    <td><span class="tag${outcome === "ok" ? " kelp" : " coral"}">${outcome}</span></td>
  </tr>`;
}

interface SessionRow {
  readonly id: string;
  readonly door: string;
  readonly user: string;
  readonly address: string;
  readonly since: string;
  readonly doing: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Who is connected to this daemon. */
export const sessionsPage: ConsolePage = {
  path: "/console/sessions",
  nav: "sessions",
  async render({ api, service }: Visit) {
    const page = await api.ask<{ rows: SessionRow[]; total: number }>("GET", "/sessions");
    if (!page.ok) return page;
    const headings = [
      th("User"),
      th("Door"),
      th("From"),
      th("Since"),
      th("Does"),
      th("In", "num"),
      th("Out", "num"),
      th(""),
    ];
    const body = html`<section class="sheet">
      ${table(headings, page.value.rows.map(sessionRow), "Nobody is connected now.")}
    </section>`;
    return ok({ title: "Sessions", lead: `Who is connected to ${service} at this moment.`, body });
  },
  actions: { end: endSession },
};

function sessionRow({ id, user, door, address, since, doing, bytesIn, bytesOut }: SessionRow): Markup {
  return html`<tr>
    <td class="name">${user || html`<span class="faint">not signed in</span>`}</td>
    <td>${door}</td>
    <td class="mono">${address}</td>
    <td>${when(since)}</td>
    <td class="wrap">${doing}</td>
    <td class="num">${bytesText(bytesIn)}</td>
    <td class="num">${bytesText(bytesOut)}</td>
    <td class="end">
      <form method="post">
        <input type="hidden" name="id" value="${id}" /><button class="quiet danger" name="do" value="end">
          End
        </button>
      </form>
    </td>
  </tr>`;
}

async function endSession({ api, form }: Visit): Promise<Result<Next>> {
  const ended = await api.ask("DELETE", `/sessions/${encodeURIComponent(form.get("id") ?? "")}`);
  return ended.ok ? ok({ to: "/console/sessions", did: "ended" }) : ended;
}
