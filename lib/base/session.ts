import type { Instant } from "./time.ts";

/** What an engine wants done. `ask` is answered by the same `id`, in any order; `secure` begins TLS once
 *  everything sent before is out, `clear` ends it and goes on without; `close` ends the connection once
 *  everything sent before is out. */
export type Effect<Ask> =
  | { readonly do: "send"; readonly bytes: Uint8Array }
  | { readonly do: "ask"; readonly id: number; readonly ask: Ask }
  | { readonly do: "secure" }
  | { readonly do: "clear" }
  | { readonly do: "close" };

/** One client's conversation, without sockets, files or clocks.
 *  After any input call `poll` until undefined, then sleep until `wakeAt`. */
export interface Session<Ask, Answer> {
  receive(bytes: Uint8Array, now: Instant): void;
  answer(id: number, answer: Answer, now: Instant): void;
  expire(now: Instant): void;
  poll(): Effect<Ask> | undefined;
  readonly wakeAt: Instant | undefined;
  /** True while it holds as much unread input as it will: host stops reading the socket. */
  readonly full?: boolean;
  /** The service stops: say goodbye, and close as soon as what is under way has ended. */
  leave?(now: Instant): void;
}

/** A conversation with who performs its asks: what a gate hands to host for each connection.
 *  `perform` never rejects: what goes wrong is an answer. `ended` runs once, when the connection is gone. */
export interface Conversation<Ask, Answer> {
  readonly session: Session<Ask, Answer>;
  perform(ask: Ask): Promise<Answer>;
  ended(): void;
}
