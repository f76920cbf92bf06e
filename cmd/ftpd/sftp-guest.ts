import type { UnixMs } from "../../lib/base/time.ts";
import type { SignedIn } from "../../lib/gate/file-door.ts";
import type { SftpConversation } from "../../lib/gate/sftp/conversation.ts";

/** Somebody let in over SSH. */
export interface SftpGuest extends SignedIn {
  readonly since: UnixMs;
  readonly channels: Set<SftpConversation>;
  /** Ends the connection. */
  readonly hangUp: () => void;
}

export interface SftpSessionRow {
  readonly id: string;
  readonly door: "sftp";
  readonly user: string;
  readonly address: string;
  readonly since: UnixMs;
  readonly doing: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** Who is connected over SSH now, and how to end it: for the admin API. */
export class SftpSessionBook {
  readonly #guests = new Set<SftpGuest>();

  enter(guest: SftpGuest): void {
    this.#guests.add(guest);
  }

  left(guest: SftpGuest): void {
    this.#guests.delete(guest);
  }

  list(): SftpSessionRow[] {
    return [...this.#guests].map(({ actor, user, since, channels }) => {
      const facts = [...channels].map((channel) => channel.facts());
      return {
        id: actor.request,
        door: "sftp",
        user: user.name,
        address: actor.address,
        since,
        doing: facts.find(({ doing }) => doing !== "idle")?.doing ?? "idle",
        bytesIn: facts.reduce((sum, { bytesIn }) => sum + bytesIn, 0),
        bytesOut: facts.reduce((sum, { bytesOut }) => sum + bytesOut, 0),
      };
    });
  }

  /** False where there is no such session. */
  end(id: string): boolean {
    const guest = [...this.#guests].find(({ actor }) => actor.request === id);
    guest?.hangUp();
    return guest !== undefined;
  }
}
