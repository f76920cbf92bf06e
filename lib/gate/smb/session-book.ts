import type { SmbConversation, SmbSessionRow } from "./conversation.ts";

/** Who is connected now, and how to end it. */
export class SmbSessionBook {
  readonly #open = new Map<SmbConversation, () => void>();

  enter(conversation: SmbConversation, leave: () => void): void {
    this.#open.set(conversation, leave);
  }

  left(conversation: SmbConversation): void {
    this.#open.delete(conversation);
  }

  list(): SmbSessionRow[] {
    return [...this.#open.keys()].map((one) => one.facts());
  }

  /** False where there is no such session. */
  end(id: string): boolean {
    for (const [conversation, leave] of this.#open) {
      if (conversation.facts().id !== id) continue;
      leave();
      return true;
    }
    return false;
  }
}
