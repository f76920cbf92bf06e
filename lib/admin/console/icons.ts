import { Markup } from "./markup.ts";

const icon = (paths: string): Markup =>
  new Markup(
    `<svg viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.7" stroke-linecap="round" \
stroke-linejoin="round" aria-hidden="true">${paths}</svg>`,
  );

/** The mark: strands of kelp held fast to their rock. */
export const mark = new Markup(
  `<svg viewBox="0 0 32 32" fill="none" stroke="currentColor" stroke-width="2.6" stroke-linecap="round" \
aria-hidden="true"><path d="M9 3c-2.4 4.4 2.4 6.6 0 11M16 2c-2.4 5 2.4 7 0 12M23 3c-2.4 4.4 2.4 6.6 0 11"/>\
<path d="M9 14c0 3.5 1.6 5.4 7 7.4M23 14c0 3.5-1.6 5.4-7 7.4M16 14v7.4"/>\
<path d="M4 29c2.2-4.6 6.6-7.4 12-7.6 5.4.2 9.8 3 12 7.6" /></svg>`,
);

export const icons = {
  overview: icon('<path d="M4 11.5 12 5l8 6.5V19a1 1 0 0 1-1 1h-4.5v-5h-5v5H5a1 1 0 0 1-1-1z"/>'),
  buckets: icon(
    '<path d="M5 7h14l-1.6 11.2a2 2 0 0 1-2 1.8H8.6a2 2 0 0 1-2-1.8zM4 7c0-1.7 3.6-3 8-3s8 1.3 8 3"/>',
  ),
  users: icon(
    '<circle cx="9" cy="8.5" r="3.2"/>' +
      '<path d="M3.5 19c.4-3 2.6-5 5.5-5s5.1 2 5.5 5' +
      'M15.5 5.600a3.2 3.2 0 0 1 0 5.800M17.5 14.400c1.7.8 2.8 2.4 3 4.6"/>',
  ),
  you: icon('<circle cx="12" cy="8.5" r="3.5"/><path d="M5 19.5c.5-3.4 3.2-5.5 7-5.5s6.5 2.1 7 5.5"/>'),
  permissions: icon(
    '<rect x="5" y="10.5" width="14" height="9.5" rx="2"/>' +
      '<path d="M8 10.5V8a4 4 0 0 1 8 0v2.5M12 14.200v2.3"/>',
  ),
  sessions: icon('<path d="M4 8h13M14 4.5 17.5 8 14 11.5M20 16H7M10 12.5 6.5 16l3.5 3.5"/>'),
  events: icon('<path d="M3.5 12h4l2.5-6.5 4 13 2.5-6.5h4"/>'),
  audit: icon(
    '<path d="M12 3.5 19 6v5.5c0 4.2-2.8 7.3-7 9-4.2-1.7-7-4.8-7-9V6z"/>' +
      '<path d="m9 11.8 2.2 2.2 4-4.2"/>',
  ),
  folder: icon(
    '<path d="M3.5 7A1.5 1.5 0 0 1 5 5.5h4.2l2 2.3H19a1.5 1.5 0 0 1 1.5 1.5V17' +
      'a1.5 1.5 0 0 1-1.5 1.5H5A1.5 1.5 0 0 1 3.5 17z"/>',
  ),
  file: icon(
    '<path d="M7 3.5h6.5L18 8v11a1.5 1.5 0 0 1-1.5 1.5H7A1.5 1.5 0 0 1 5.5 19V5' +
      'A1.5 1.5 0 0 1 7 3.5zM13 3.8v4.7h4.7"/>',
  ),
  time: icon('<circle cx="12" cy="12" r="8.2"/><path d="M12 7.2V12l3.2 2"/>'),
  settings: icon(
    '<path d="M5 7h8M17.5 7H19M5 12h1.5M11 12h8M5 17h7M16.5 17H19"/>' +
      '<circle cx="15.2" cy="7" r="2"/><circle cx="8.8" cy="12" r="2"/>' +
      '<circle cx="14.2" cy="17" r="2"/>',
  ),
} as const;
