import { html, type Markup } from "./markup.ts";
import type { EventView } from "../events-panel.ts";

/** The list of what happened, newest first, which the script keeps growing at its top. */
export function liveFeed(events: readonly EventView[], most: number): Markup {
  const newest = events[0]?.seq ?? 0;
  const none = html`<li class="none empty">Nothing has happened yet.</li>`;
  const blank = entry({ time: "", clock: "", kind: "", what: "", by: "", door: "" });
  return html`<ul class="feed" data-live="${newest}" data-most="${most}">
    <template>${blank}</template>
    ${events.length === 0 ? none : events.slice(0, most).map(eventRow)}
  </ul>`;
}

/** Shows that the feed is on. */
export const liveMark: Markup = html`<span class="soft"
  ><span class="dot off" data-live-mark></span> live</span
>`;

function eventRow({ at, kind, bucket, subject, by, door }: EventView): Markup {
  const what = bucket === "" || bucket === subject ? subject : `${bucket}/${subject}`;
  return entry({ time: at.slice(11, 19), clock: at, kind: kind.replace(".", " "), what, by, door });
}

function entry(of: Readonly<Record<"time" | "clock" | "kind" | "what" | "by" | "door", string>>): Markup {
  return html`<li class="entry">
    <time class="when" data-is="time" data-clock datetime="${of.clock}">${of.time}</time>
    <div>
      <span class="line"
        ><span class="name wrap" data-is="what">${of.what}</span
        ><span class="tag" data-is="kind">${of.kind}</span></span
      >
      <span class="by"
        >by <span data-is="by">${of.by}</span> through
        <span data-is="door">${doorNames[of.door] ?? of.door}</span></span
      >
    </div>
  </li>`;
}

/** How the doors are called; live.js says the same. */
export const doorNames: Readonly<Record<string, string>> = {
  s3: "S3",
  ftp: "FTP",
  sftp: "SFTP",
  smb: "SMB",
  admin: "the console or API",
  house: "the command line",
};
