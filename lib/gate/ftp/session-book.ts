import type { FtpConversation, FtpSessionFacts } from "./conversation.ts";

export interface FtpSessionRow extends FtpSessionFacts {
  readonly door: "ftp";
}

/** Who is connected now, and how to end it: for the admin API. */
export class FtpSessionBook {
  readonly #open = new Map<FtpConversation, () => void>();

  /** `leave` makes the connection say goodbye. */
  enter(conversation: FtpConversation, leave: () => void): void {
    this.#open.set(conversation, leave);
  }

  left(conversation: FtpConversation): void {
    this.#open.delete(conversation);
  }

  list(): FtpSessionRow[] {
    return [...this.#open.keys()].map((one) => ({ door: "ftp", ...one.facts() }));
  }

  /** False where there is no such session. */
  end(id: string): boolean {
    for (const [conversation, leave] of this.#open) {
      if (conversation.facts().id !== id) continue;
      conversation.abort();
      leave();
      return true;
    }
    return false;
  }
}
