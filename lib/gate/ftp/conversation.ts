import { randomText } from "../../base/ids.ts";
import { nameOf, pathText, type Path } from "../../base/path.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import type { Conversation } from "../../base/session.ts";
import type { UnixMs } from "../../base/time.ts";
import type { Account, FtpAnswer, FtpAsk, Questions, RunHow } from "../../proto/ftp/asks.ts";
import type { FtpPolicy } from "../../proto/ftp/control.ts";
import { FtpSession } from "../../proto/ftp/session.ts";
import type { AuditEntry, AuditVerb } from "../../rules/audit.ts";
import type { User } from "../../rules/identity.ts";
import { mayUseSite, type Site } from "../../rules/sites.ts";
import type { Files } from "../../store/files.ts";
import { rightsOf } from "../../store/personal-files.ts";
import { combineFiles, copyFile } from "./copy.ts";
import { digestOf } from "./digest.ts";
import { folderLines } from "./listing.ts";
import { signIn, type SignedIn } from "../file-door.ts";
import type { DataConnections, FtpNeeds } from "./needs.ts";
import { TransferDesk } from "./transfer.ts";
import type { PartialUploads } from "./upload.ts";

/** Who called, and how they may meet for data. */
export interface Caller {
  readonly address: string;
  /** TLS came before the first byte. */
  readonly secured: boolean;
  /** The users that a trusted TLS certificate of theirs names. */
  readonly certified: () => readonly string[];
  readonly data: DataConnections;
  /** What the address they reached means. */
  readonly site: Site | undefined;
  /** The host that the client's TLS asked for (SNI). */
  readonly serverName: () => string | undefined;
}

export interface FtpSettings extends FtpPolicy {
  readonly partialUploads: PartialUploads;
}

export interface FtpSessionFacts {
  readonly id: string;
  /** "" before sign-in. */
  readonly user: string;
  readonly address: string;
  readonly since: UnixMs;
  readonly doing: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

type Handler<K extends keyof Questions> = (
  self: FtpConversation,
  what: Questions[K][0],
) => Promise<Result<Questions[K][1]>>;
type Handlers = { readonly [K in keyof Questions]: Handler<K> };

/** One FTP control connection in this house: the engine, and what performs its asks. */
export class FtpConversation implements Conversation<FtpAsk, FtpAnswer> {
  readonly session: FtpSession;
  readonly #needs: FtpNeeds;
  readonly #caller: Caller;
  readonly #desk: TransferDesk;
  readonly #id: string;
  readonly #since: UnixMs;
  readonly #mustBeNamed: boolean;
  #site: Site | undefined;
  #leaveSite = (): void => {};
  #who: SignedIn | undefined;
  #gone = false;

  constructor(needs: FtpNeeds, settings: FtpSettings, caller: Caller) {
    this.#needs = needs;
    this.#caller = caller;
    this.#site = caller.site;
    this.#mustBeNamed = settings.clientCertificates === "required";
    this.#id = randomText(needs.entropy, 8);
    this.#desk = new TransferDesk(needs, caller.data, settings.partialUploads);
    this.session = new FtpSession(settings, caller, needs.clock.now());
    this.#since = needs.clock.wall();
    needs.tally.began();
  }

  /** The virtual host it is with, if any. */
  get site(): Site | undefined {
    return this.#site;
  }

  /** What an operator sees of it. */
  facts(): FtpSessionFacts {
    const { moving } = this.#desk;
    const verb = this.session.control.transfer?.verb;
    const path = this.#desk.opening ? ` ${pathText(this.#desk.opening.path)}` : "";
    return {
      id: this.#id,
      user: this.#userName(),
      address: this.#caller.address,
      since: this.#since,
      doing: verb === undefined ? "idle" : `${verb}${path}, ${moving.bytes} bytes`,
      bytesIn: this.#desk.moved.in,
      bytesOut: this.#desk.moved.out,
    };
  }

  /** Ends what it moves at this moment. */
  abort(): void {
    this.#desk.abort();
  }

  perform(ask: FtpAsk): Promise<FtpAnswer> {
    const { kind, ...what } = ask;
    const handler = FtpConversation.#handlers[kind] as (self: this, what: object) => Promise<FtpAnswer>;
    return handler(this, what);
  }

  ended(): void {
    this.#gone = true;
    this.#desk.abort();
    this.#needs.tally.ended();
    if (!this.#who) return;
    this.#leaveSite();
    this.#who.leave();
    this.#tell("sign-out", this.#userName(), ok());
  }

  /** One table for all: a closure a question and session would be most of an idle session's memory. */
  static readonly #handlers: Handlers = {
    host: async (self, { name }) => self.#choose(name),
    login: async (self, { user, password }) => {
      const { address } = self.#caller;
      const checked = await self.#needs.checkPassword(user, password, address);
      const named = !self.#mustBeNamed || self.#caller.certified().includes(user);
      return await self.#letIn(
        user,
        named ? checked : fail("unauthenticated", "the certificate is another's"),
      );
    },
    vouch: async (self, { user }) => {
      if (!self.#caller.certified().includes(user)) return ok(undefined);
      return await self.#letIn(user, await self.#needs.userNamed(user));
    },
    who: async (self) => ok(self.#everybody()),
    passive: (self, { family }) => self.#caller.data.passive(family),
    active: async (self, to) => ok(self.#caller.data.active(to)),
    open: (self, opening) => self.#withFiles((files) => self.#desk.open(files, opening)),
    meet: (self, { secure }) => self.#desk.meet(secure),
    run: (self, how) => self.#run(how),
    abort: async (self) => ok(self.#desk.abort()),
    progress: async (self) => ok({ bytes: self.#desk.moving.bytes }),
    stat: (self, { path }) =>
      self.#withFiles(async (files) => {
        const found = await files.stat(path);
        if (!found.ok) return found;
        const rights = await rightsOf(files, path, found.value.kind);
        return ok({ ...found.value, name: nameOf(path), rights });
      }),
    lines: (self, { path, limit }) =>
      self.#withFiles((files) => folderLines(files, path, limit, self.#needs.clock.wall())),
    makeFolder: (self, { path }) => self.#change("object.write", path, (files) => files.makeFolder(path)),
    removeFile: (self, { path }) => self.#change("object.delete", path, (files) => files.removeFile(path)),
    removeFolder: (self, { path }) =>
      self.#change("object.delete", path, (files) => files.removeFolder(path)),
    rename: (self, { from, to }) =>
      self.#change("object.rename", from, (files) => files.rename(from, to, true)),
    change: (self, { path, ...change }) =>
      self.#change("object.write", path, (files) => files.change(path, change)),
    copy: (self, { from, to }) => self.#change("object.write", to, (files) => copyFile(files, from, to)),
    combine: (self, { whole, parts }) =>
      self.#change("object.write", whole, (files) => combineFiles(files, whole, parts)),
    space: (self) => self.#withFiles((files) => files.space()),
    digest: (self, asked) =>
      self.#withFiles((files) => digestOf(files, asked, self.#needs.digester(asked.by), () => self.#gone)),
  };

  /** RFC 7151 §3.2: what TLS was told and what HOST says must be one. */
  #choose(name: string): Result<{ greeting: string | undefined }> {
    const named = this.#needs.sites.named(name);
    if (!named.ok) return named;
    const asked = this.#caller.serverName();
    const secured = asked === undefined ? undefined : this.#needs.sites.named(asked);
    if (secured?.ok && secured.value.name !== named.value.name) {
      return fail("conflict", "your TLS asked for another host");
    }
    this.#site = named.value;
    return ok({ greeting: named.value.greeting });
  }

  async #letIn(name: string, checked: Result<User>): Promise<Result<Account>> {
    const from = { door: "ftp", address: this.#caller.address, request: this.#id } as const;
    const entered = this.#enterSite(checked);
    const answer = await signIn(this.#needs, name, from, entered);
    if (!answer.ok) {
      this.#leaveSite();
      return answer;
    }
    this.#who = answer.value;
    if (this.#gone) this.#who.leave();
    return ok({ user: answer.value.user.name, welcome: this.#site?.welcome });
  }

  /** Who may use the site begins where the site says. */
  #enterSite(checked: Result<User>): Result<User> {
    const site = this.#site;
    if (!site || !checked.ok) return checked;
    if (!mayUseSite(site, checked.value)) return fail("denied", "not a user of the site");
    const entered = this.#needs.sites.enter(site);
    if (!entered.ok) return entered;
    let inside = true;
    this.#leaveSite = () => {
      if (inside) entered.value();
      inside = false;
    };
    return ok({ ...checked.value, home: site.root ?? checked.value.home });
  }

  #everybody(): string[] {
    const own = this.#userName();
    const all = this.#who?.user.role === "admin";
    const rows = this.#needs.everybody().filter(({ user }) => all || user === own);
    return rows.map(({ door, user, address, doing }) => `${user || "-"} ${door} ${address} ${doing}`);
  }

  async #run(how: RunHow): Promise<Result<{ bytes: number }>> {
    const started = this.#needs.clock.now();
    const { opening } = this.#desk;
    const done = await this.#desk.run(how, (direction) => this.#needs.pacer(this.#who!.user, direction));
    if (!opening || opening.to === "list") return done;
    const ms = Math.round(this.#needs.clock.now() - started);
    const { bytes } = this.#desk.moving;
    const verb = opening.to === "retrieve" ? "object.read" : "object.write";
    this.#tell(verb, pathText(opening.path), done, { bytes, ms });
    this.#needs.transferred(this.#who!.user, {
      at: this.#needs.clock.wall(),
      ms,
      user: this.#userName(),
      door: "ftp",
      address: this.#caller.address,
      way: opening.to === "retrieve" ? "out" : "in",
      path: pathText(opening.path),
      bytes,
      outcome: done.ok ? "ok" : done.fault.code,
    });
    return done;
  }

  async #withFiles<T>(act: (files: Files) => Promise<Result<T>>): Promise<Result<T>> {
    return this.#who ? await act(this.#who.files) : fail("unauthenticated", "sign in first");
  }

  async #change(
    verb: AuditVerb,
    path: Path,
    act: (files: Files) => Promise<Result<void>>,
  ): Promise<Result<void>> {
    const done = await this.#withFiles(act);
    this.#tell(verb, pathText(path), done);
    return done;
  }

  #tell(verb: AuditVerb, target: string, done: Result<unknown>, detail: AuditEntry["detail"] = {}): void {
    const { audit, clock, log } = this.#needs;
    if (!this.#who) return;
    const outcome = done.ok ? "ok" : done.fault.code;
    audit.tell({ at: clock.wall(), actor: this.#who.actor, verb, target, outcome, detail });
    log.info("done", { verb, target, outcome, ...detail, user: this.#userName(), session: this.#id });
  }

  #userName(): string {
    const principal = this.#who?.actor.principal;
    return principal?.kind === "user" ? principal.user.name : "";
  }
}
