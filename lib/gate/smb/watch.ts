import { isWithin, type Path } from "../../base/path.ts";
import type { NotifyEvent } from "../../proto/smb/notify.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { done, refused, type Outcome } from "../../proto/smb/ask.ts";

const maxEvents = 1000;

/** What one handle on a folder has been told to look out for (MS-SMB2 §3.3.5.19). The first request settles
 *  filter and size; what happens between requests is kept for the next one. */
export class Watch {
  readonly place: string;
  folder: Path;
  readonly #whole: boolean;
  readonly #filter: number;
  readonly #limit: number;
  #events: NotifyEvent[] = [];
  #bytes = 0;
  #overflowed = false;
  #ended: Outcome<never> | undefined;
  #waiting: ((outcome: Outcome<readonly NotifyEvent[]>) => void)[] = [];

  constructor(place: string, folder: Path, how: { whole: boolean; filter: number; limit: number }) {
    this.place = place;
    this.folder = folder;
    this.#whole = how.whole;
    this.#filter = how.filter;
    this.#limit = how.limit;
  }

  /** What happened since the last time, now or as soon as something does. */
  next(signal: AbortSignal): Promise<Outcome<readonly NotifyEvent[]>> {
    if (this.#ended) return Promise.resolve(this.#ended);
    if (this.#events.length > 0 || this.#overflowed) return Promise.resolve(this.#taken());
    if (signal.aborted) return Promise.resolve(refused(ntStatus.cancelled));
    return new Promise((yes) => {
      this.#waiting.push(yes);
      const cancel = (): void => {
        this.#waiting = this.#waiting.filter((one) => one !== yes);
        yes(refused(ntStatus.cancelled));
      };
      signal.addEventListener("abort", cancel, { once: true });
    });
  }

  /** Something happened to `path`: `what` are the filter bits it answers to. */
  tell(path: Path, action: number, what: number): void {
    if ((this.#filter & what) === 0 || this.#ended) return;
    const inside = isWithin(path, this.folder) && path.length > this.folder.length;
    if (!inside || (!this.#whole && path.length !== this.folder.length + 1)) return;
    const event = { action, name: path.slice(this.folder.length).join("\\") };
    const last = this.#events.at(-1);
    if (last?.action === event.action && last.name === event.name) return;
    this.#bytes += 16 + event.name.length * 2;
    if (this.#bytes > this.#limit || this.#events.length >= maxEvents) this.#overflowed = true;
    else this.#events.push(event);
  }

  /** Gives what has been told to whoever waits; apart, so that both halves of a rename go together. */
  deliver(): void {
    if (this.#events.length === 0 && !this.#overflowed) return;
    this.#waiting.shift()?.(this.#taken());
  }

  /** Whoever waits, and whoever asks from now on, gets `status`. */
  end(status: number): void {
    this.#ended = status < 0x80000000 ? { ok: true, status, value: [] as never } : refused(status);
    for (const one of this.#waiting.splice(0)) one(this.#ended);
  }

  #taken(): Outcome<readonly NotifyEvent[]> {
    const events = this.#events;
    const overflowed = this.#overflowed;
    this.#events = [];
    this.#bytes = 0;
    this.#overflowed = false;
    return overflowed ? done<readonly NotifyEvent[]>([], ntStatus.notifyEnumDir) : done(events);
  }
}
