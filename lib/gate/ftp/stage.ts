import { concat, empty, lossyText, utf8 } from "../../base/bytes.ts";
import { seededEntropy } from "../../base/entropy.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { asUnixMs, handClock } from "../../base/time.ts";
import type { DataAddress, DigestKind } from "../../proto/ftp/asks.ts";
import type { AuditEntry } from "../../rules/audit.ts";
import type { User } from "../../rules/identity.ts";
import type { Files } from "../../store/files.ts";
import { silentLog } from "../../watch/log.ts";
import type { Metrics } from "../../watch/metrics.ts";
import { FtpConversation, type FtpSettings } from "./conversation.ts";
import type { DataConnections, DataLink, Digester, FtpNeeds } from "./needs.ts";
import { FileTally } from "../file-tally.ts";

/** The client's end of a data connection, played by a test. */
export class PlayedLink implements DataLink {
  readonly sent: Uint8Array[] = [];
  readonly #incoming: Uint8Array[];
  ended = false;
  #broken: Result<never> | undefined;
  #wake = (): void => {};
  /** While true, what is written stays unread. */
  stalled = false;

  constructor(incoming: readonly Uint8Array[] = []) {
    this.#incoming = [...incoming];
  }
  /** Breaks once what came before is read. */
  breakWith(fault: Result<never>): this {
    this.#broken = fault;
    return this;
  }
  async read(): Promise<Result<Uint8Array>> {
    return this.#incoming.length > 0 ? ok(this.#incoming.shift()!) : (this.#broken ?? ok(empty));
  }
  async write(bytes: Uint8Array): Promise<Result<void>> {
    if (this.stalled) await new Promise<void>((yes) => (this.#wake = yes));
    if (this.#broken) return this.#broken;
    this.sent.push(bytes);
    return ok();
  }
  async end(): Promise<Result<void>> {
    this.ended = true;
    return ok();
  }
  cut(): void {
    this.#broken = fail("cancelled", "the transfer was aborted");
    this.#wake();
  }
  get text(): string {
    return lossyText(concat(this.sent));
  }
}

const noMetrics: Metrics = {
  counter: () => ({ add() {} }),
  gauge: () => ({ set() {} }),
  histogram: () => ({ observe() {} }),
};

const settings: FtpSettings = {
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
  partialUploads: "drop",
  wall: () => asUnixMs(1_700_000_000_000),
};

/** Tells which digits it was shown: enough for files that hold "0123456789". */
function playedDigester(kind: DigestKind): Digester {
  let [first, count] = [0, 0];
  return {
    update(bytes) {
      if (count === 0) first = Math.max(0, (bytes[0] ?? 0) - 48);
      count += bytes.length;
    },
    hex: () => `${kind} of ${first}..${first + count}`,
  };
}

const ann = { id: "u1", name: "ann", tenant: "main" } as User;

/** A whole FTP control connection on files in memory: a client's lines in, replies out. */
export class PlayedHouse implements DataConnections {
  readonly clock = handClock();
  readonly audit: AuditEntry[] = [];
  readonly files: Files;
  readonly conversation: FtpConversation;
  link: PlayedLink | undefined;
  secured: boolean | undefined;
  #said = "";

  constructor(files: Files, more: Partial<FtpSettings> = {}) {
    this.files = files;
    const needs: FtpNeeds = {
      checkPassword: async (user, password) =>
        user === "ann" && password === "secret" ? ok(ann) : fail("unauthenticated", "no"),
      userNamed: async (user) => (user === "ann" ? ok(ann) : fail("unauthenticated", "no")),
      everybody: () => [
        { door: "ftp", user: "ann", address: "192.0.2.1", doing: "idle" },
        { door: "sftp", user: "bob", address: "192.0.2.2", doing: "idle" },
      ],
      admit: () => ok(() => {}),
      transferred() {},
      sites: { named: () => fail("not-found", "no such host"), enter: () => ok(() => {}) },
      pacer: () => undefined,
      filesOf: async () => ok(files),
      deflated: (link) => link,
      digester: playedDigester,
      audit: { tell: (entry) => void this.audit.push(entry) },
      tally: new FileTally(noMetrics, "ftp"),
      log: silentLog,
      clock: this.clock,
      entropy: seededEntropy(7),
    };
    const caller = {
      address: "192.0.2.1",
      secured: false,
      certified: () => [],
      data: this,
      site: undefined,
      serverName: () => undefined,
    };
    this.conversation = new FtpConversation(needs, { ...settings, ...more }, caller);
  }

  /** Says lines and gives the replies, once everything asked is answered. */
  async say(...lines: readonly string[]): Promise<string> {
    for (const line of lines) this.conversation.session.receive(utf8(`${line}\r\n`), this.clock.now());
    await this.settle();
    const said = this.#said;
    this.#said = "";
    return said;
  }

  /** Says lines and does not wait. */
  begin(...lines: readonly string[]): Promise<void> {
    for (const line of lines) this.conversation.session.receive(utf8(`${line}\r\n`), this.clock.now());
    return this.settle();
  }

  async settle(): Promise<void> {
    const { session } = this.conversation;
    for (let effect = session.poll(); effect; effect = session.poll()) {
      if (effect.do === "send") this.#said += lossyText(effect.bytes);
      if (effect.do !== "ask") continue;
      const { id, ask } = effect;
      const answer = await this.conversation.perform(ask);
      session.answer(id, answer, this.clock.now());
    }
  }

  async signIn(): Promise<this> {
    await this.say("USER ann", "PASS secret", "TYPE I");
    return this;
  }

  async passive(): Promise<Result<DataAddress>> {
    return ok({ host: "192.0.2.9", port: 4001 });
  }
  active(): void {}
  async meet(secure: boolean): Promise<Result<DataLink>> {
    this.secured = secure;
    return this.link ? ok(this.link) : fail("unavailable", "nobody came");
  }
  close(): void {}

  async download(...lines: readonly string[]): Promise<{ replies: string; text: string }> {
    this.link = new PlayedLink();
    const replies = await this.say(...lines);
    return { replies, text: this.link.text };
  }
  async upload(line: string, ...parts: readonly string[]): Promise<string> {
    this.link = new PlayedLink(parts.map((part) => utf8(part)));
    return await this.say(line);
  }
}

/** "150 226": the codes of whole replies. */
export const codesOf = (replies: string): string =>
  [...replies.matchAll(/^(\d{3}) /gm)].map((match) => match[1]).join(" ");
