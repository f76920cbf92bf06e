import { lossyText, utf8 } from "../../base/bytes.ts";
import { ok } from "../../base/result.ts";
import { asInstant, asUnixMs } from "../../base/time.ts";
import type { FtpAnswer, FtpAsk } from "./asks.ts";
import type { Entry } from "./entry.ts";
import type { FtpPolicy, Peer } from "./control.ts";
import { FtpSession } from "./session.ts";

/** For tests: what a service might allow. */
const policy: FtpPolicy = {
  greeting: "Holdfast",
  tls: "optional",
  clientCertificates: "off",
  clearData: true,
  clearControl: false,
  compression: true,
  siteToSite: false,
  idleMs: 600_000,
  loginMs: 60_000,
  loginTries: 3,
  digestBytes: 1000,
  wall: () => asUnixMs(Date.UTC(2026, 10, 21)),
};

export const entry = (name: string, kind: Entry["kind"] = "file", size = 3): Entry => ({
  name,
  kind,
  size,
  modifiedAt: asUnixMs(Date.UTC(2026, 10, 20, 9, 8, 7)),
  createdAt: asUnixMs(Date.UTC(2026, 10, 20)),
  mode: kind === "folder" ? 0o755 : 0o644,
  owner: "ann",
  group: "users",
  id: "i1",
});

/** A client and the house it talks to, both played by the test. */
export class Stage {
  readonly session: FtpSession;
  readonly asks: FtpAsk[] = [];
  readonly open: { id: number; ask: FtpAsk }[] = [];
  closed = false;
  secured = false;
  now = 0;
  #said = "";

  constructor(more: Partial<FtpPolicy> = {}, peer: Partial<Peer> = {}) {
    const caller = { address: "192.0.2.1", secured: false, ...peer };
    this.session = new FtpSession({ ...policy, ...more }, caller, asInstant(0));
    this.#poll();
    this.take();
  }
  /** What the server answered since the last look. */
  take(): string {
    const said = this.#said;
    this.#said = "";
    return said;
  }
  say(text: string | Uint8Array): string {
    this.session.receive(typeof text === "string" ? utf8(text) : text, asInstant(this.now));
    this.#poll();
    return this.take();
  }
  tell(answer: FtpAnswer, which = 0): string {
    const [asked] = this.open.splice(which, 1);
    this.session.answer(asked!.id, answer, asInstant(this.now));
    this.#poll();
    return this.take();
  }
  wait(ms: number): string {
    this.now += ms;
    this.session.expire(asInstant(this.now));
    this.#poll();
    return this.take();
  }
  #poll(): void {
    for (let effect = this.session.poll(); effect; effect = this.session.poll()) {
      if (effect.do === "send") this.#said += lossyText(effect.bytes);
      else if (effect.do === "ask") {
        this.asks.push(effect.ask);
        this.open.push(effect);
      } else if (effect.do === "close") this.closed = true;
      else this.secured = true;
    }
  }
  signIn(): this {
    this.say("USER ann\r\nPASS secret\r\n");
    this.tell(ok({ user: "ann" }));
    return this;
  }
}

/** The codes of whole replies, in order. */
export const codes = (text: string): number[] =>
  text
    .split("\r\n")
    .filter((line) => /^\d{3} /.test(line))
    .map((line) => Number(line.slice(0, 3)));
