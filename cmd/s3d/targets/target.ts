/** How a letter fared. "refused": whoever should have it does not want it, and trying again helps little;
 *  "unreachable": it may well be taken later. `why` names no secret. */
export type Delivery =
  | { readonly kind: "sent" }
  | { readonly kind: "refused" | "unreachable"; readonly why: string };

/** Who events go to. */
export interface EventTarget extends Disposable {
  readonly name: string;
  readonly kind: "webhook" | "redis" | "nats" | "amqp";
  /** Where it is, without credentials: "https://hooks.example.org". */
  readonly at: string;
  /** One at a time. Never rejects. */
  send(body: string): Promise<Delivery>;
}

export const sent: Delivery = { kind: "sent" };
export const refused = (why: string): Delivery => ({ kind: "refused", why });
export const unreachable = (why: string): Delivery => ({ kind: "unreachable", why });

/** For connecting, and for each answer. */
export const targetPatienceMs = 10_000;

/** What a target's URL says, its options (after "#") apart. */
export interface Address {
  readonly name: string;
  readonly url: URL;
  readonly options: URLSearchParams;
  /** PEM text of the authority that `ca=` names. */
  readonly ca: string | undefined;
}

export const plainAt = ({ url }: Address): string => `${url.protocol}//${url.host}`;
export const userOf = ({ url }: Address): string => decodeURIComponent(url.username);
export const passOf = ({ url }: Address): string => decodeURIComponent(url.password);
/** The URL's path without its first slash: a list, a subject, a virtual host. */
export const placeOf = ({ url }: Address): string => decodeURIComponent(url.pathname.replace(/^\//, ""));
