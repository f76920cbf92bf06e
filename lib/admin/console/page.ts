import type { Fault } from "../../base/fault.ts";
import type { Result } from "../../base/result.ts";
import type { HouseApi } from "./house-api.ts";
import type { Markup } from "./markup.ts";

/** One look at a page. */
export interface Visit {
  readonly api: HouseApi;
  /** Who looks. */
  readonly who: { readonly name: string; readonly role: string };
  readonly now: number;
  /** This daemon. */
  readonly service: string;
  /** By which the visitor reached it, without port. */
  readonly host: string;
  readonly query: URLSearchParams;
  /** The page's own parameter: a bucket's or user's name; "" where it has none. */
  readonly name: string;
  /** What was sent with a form. */
  readonly form: URLSearchParams;
}

/** A page of the console, and what its forms do. */
export interface ConsolePage {
  /** "/console/users/:name": what its forms post to as well. */
  readonly path: string;
  /** The entry of the side bar that is lit. */
  readonly nav: string;
  /** The daemon whose console has it; all have it where none is named. */
  readonly only?: string;
  /** Faults: the API's. */
  readonly render: (visit: Visit) => Promise<Result<Content>>;
  /** By the value of the button `do`. Faults: the API's, shown above the page. */
  readonly actions?: Readonly<Record<string, (visit: Visit) => Promise<Result<Next>>>>;
}

export interface Content {
  readonly title: string;
  /** A sentence under the title. */
  readonly lead?: Markup | string;
  /** The way back up. */
  readonly crumb?: { readonly to: string; readonly name: string };
  readonly body: Markup;
}

/** Where an action leads: to a page, with a word about what happened, or to secrets that are shown once. */
export type Next =
  | { readonly to: string; readonly did: Did }
  | { readonly shown: readonly (readonly [string, string])[]; readonly about: string };

/** What can be said of a thing done. Told by its name in the address, never by text from it. */
export const didTexts = {
  added: "It is added.",
  changed: "It is changed.",
  removed: "It is removed.",
  restored: "It is as it was then: what stood here since is kept as a version.",
  ended: "It is ended.",
  reloaded: "The configuration is read again.",
} as const;
export type Did = keyof typeof didTexts;

/** What stands above a page's content. */
export type Word =
  | { readonly did: Did }
  | { readonly trouble: Fault }
  | { readonly shown: readonly (readonly [string, string])[]; readonly about: string };
