import { randomText } from "../../base/ids.ts";
import type { Conversation } from "../../base/session.ts";
import type { UnixMs } from "../../base/time.ts";
import {
  done,
  refused,
  type AskOf,
  type GateEvent,
  type Outcome,
  type SmbAnswer,
  type SmbAsk,
  type TreeFacts,
} from "../../proto/smb/ask.ts";
import { SmbConnection } from "../../proto/smb/engine.ts";
import type { FileId } from "../../proto/smb/header.ts";
import type { SmbAmbience, SmbSettings } from "../../proto/smb/negotiation.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { shareType } from "../../proto/smb/tree-connect.ts";
import type { User } from "../../rules/identity.ts";
import { allowedAccess } from "./access.ts";
import { leaveBehind } from "./away.ts";
import { closeOpen } from "./close.ts";
import { controlOpen } from "./control.ts";
import { createFile } from "./create.ts";
import type { SmbHouse } from "./house.ts";
import { queryAttributes } from "./extended-attributes.ts";
import { listFolder } from "./listing.ts";
import { bytesChanged } from "./contend.ts";
import { mayReadData, type Open, type Room } from "./open.ts";
import { PipeOpens } from "./pipes.ts";
import { queryFile, queryStreams, queryVolume } from "./query.ts";
import { querySecurity, setSecurity } from "./security.ts";
import { setFile } from "./set.ts";
import { signIn } from "./sign-in.ts";
import { refusedFor } from "./status.ts";
import { flushOpen, readOpen, writeOpen } from "./transfer.ts";
import { Watch } from "./watch.ts";

interface Tree {
  readonly session: bigint;
  /** Undefined: IPC$. */
  readonly room: Room | undefined;
}

/** One connection, for the admin API. */
export interface SmbSessionRow {
  readonly id: string;
  readonly door: "smb";
  /** "" before sign-in. */
  readonly user: string;
  readonly address: string;
  readonly since: UnixMs;
  readonly doing: string;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

type FileAsk = Extract<SmbAsk, { file: FileId }>;

/** What may not be done again by a request from before a failed connection (MS-SMB2 §3.3.5.2.10). */
const changing: ReadonlySet<SmbAsk["kind"]> = new Set(["write", "set-file", "set-security", "control"]);

/** One connection's gate: its engine, and what that asks. */
export class SmbConversation implements Conversation<SmbAsk, SmbAnswer> {
  readonly session: SmbConnection;
  readonly #house: SmbHouse;
  readonly #address: string;
  readonly #id: string;
  readonly #since: UnixMs;
  /** The client's GUID, once it has opened something. */
  #client = "";
  #bytesIn = 0;
  #bytesOut = 0;
  readonly #users = new Map<bigint, User>();
  readonly #trees = new Map<number, Tree>();
  readonly #pipes: PipeOpens;
  #nextTree = 1;
  #events: GateEvent[] = [];
  #wake: (() => void) | undefined;

  constructor(house: SmbHouse, settings: SmbSettings, ambience: SmbAmbience, address: string) {
    this.#house = house;
    this.#address = address;
    this.#id = randomText(house.needs.entropy, 16);
    this.#since = house.needs.clock.wall();
    this.session = new SmbConnection(settings, ambience);
    this.#pipes = new PipeOpens(house, settings.name.netbios);
  }

  perform(ask: SmbAsk): Promise<SmbAnswer> {
    switch (ask.kind) {
      case "event":
        return this.#nextEvent();
      case "sign-in":
        return this.#signIn(ask);
      case "sign-out":
        return this.#signOut(ask.session);
      case "tree-connect":
        return this.#treeConnect(ask);
      case "tree-disconnect":
        return this.#treeDisconnect(ask.tree);
      case "create":
        return this.#create(ask);
      default:
        return this.#onFile(ask);
    }
  }

  ended(): void {
    for (const session of this.#users.keys()) this.#house.leaving(this.#lose(session));
    this.#house.left(this.#client, this);
    this.#wake?.();
  }

  async #onFile(ask: FileAsk | AskOf<"break-ack">): Promise<SmbAnswer> {
    if (ask.kind === "break-ack") return this.#breakAck(ask);
    const user = this.#users.get(ask.session);
    if (user && !this.#trees.get(ask.tree)?.room) return this.#pipes.perform(ask);
    const open = this.#open(ask.session, ask.tree, ask.file);
    if (!open) return refused(ntStatus.fileClosed);
    const changes = changing.has(ask.kind);
    const leave = open.channel.enter(ask.sequence, { replay: ask.replay, changes });
    if (!leave) return refused(ntStatus.fileNotAvailable);
    open.replayable = false;
    try {
      return await this.#onOpen(open, ask);
    } finally {
      leave();
    }
  }

  async #onOpen(open: Open, ask: FileAsk): Promise<SmbAnswer> {
    const house = this.#house;
    switch (ask.kind) {
      case "close":
        return closeOpen(house, open, ask.wantsBasics);
      case "flush":
        return flushOpen(open);
      case "read":
        return this.#read(open, ask);
      case "write":
        this.#bytesIn += ask.data.length;
        return writeOpen(house, open, ask);
      case "lock":
        return this.#lock(open, ask);
      case "control":
        return controlOpen(house, open, ask);
      case "list":
        return listFolder(house, open, ask);
      case "notify":
        return this.#notify(open, ask);
      case "query-file":
        return queryFile(open, ask.infoClass);
      case "query-streams":
        return queryStreams(open);
      case "query-ea":
        return queryAttributes(open, ask);
      case "query-volume":
        return queryVolume(open);
      case "query-security":
        return querySecurity(house, open, ask);
      case "set-file":
        return setFile(house, open, ask.change);
      case "set-security":
      default:
        return setSecurity(house, open, ask);
    }
  }

  #open(session: bigint, tree: number, file: FileId): Open | undefined {
    const open = this.#house.open(file);
    return open?.session === session && open.tree === tree ? open : undefined;
  }

  async #read(open: Open, ask: AskOf<"read">): Promise<SmbAnswer> {
    const read = await readOpen(open, ask);
    if (read.ok) this.#bytesOut += read.value.length;
    return read;
  }

  async #lock(open: Open, ask: AskOf<"lock">): Promise<SmbAnswer> {
    if (open.node.isFolder) return refused(ntStatus.invalidParameter);
    const mayRepeat = open.durable !== undefined;
    if (mayRepeat && open.lockReplay.isKnown(ask.lockSequence)) return done(undefined);
    bytesChanged(this.#house.holds, open.node, open.hold);
    const status = await open.node.locks.lock(open, ask.elements, ask.signal);
    if (status !== ntStatus.success) return refused(status);
    if (mayRepeat) open.lockReplay.succeeded(ask.lockSequence);
    return done(undefined);
  }

  /** The client has given up an oplock or a lease (MS-SMB2 §3.3.5.22). */
  #breakAck({ session, tree, ack, clientGuid }: AskOf<"break-ack">): SmbAnswer {
    const { holds } = this.#house;
    if (ack.kind === "lease") {
      const status = holds.leaseAnswered(`${clientGuid.toHex()}${ack.key.toHex()}`, ack.state);
      return status === ntStatus.success ? done(undefined) : refused(status);
    }
    const open = this.#open(session, tree, ack.file);
    if (!open) return refused(ntStatus.fileClosed);
    const status = holds.oplockAnswered(open.hold, ack.level);
    return status === ntStatus.success ? done(undefined) : refused(status);
  }

  async #notify(open: Open, ask: AskOf<"notify">): Promise<SmbAnswer> {
    if (!open.node.isFolder) return refused(ntStatus.invalidParameter);
    if (!mayReadData(open)) return refused(ntStatus.accessDenied);
    if (open.node.deletePending) return refused(ntStatus.deletePending);
    open.watch ??= new Watch(open.room.place, open.node.path, ask);
    return open.watch.next(ask.signal);
  }

  async #signIn(ask: AskOf<"sign-in">): Promise<Outcome<{ key: Uint8Array }>> {
    const signed = await signIn(this.#house.needs, this.#house.signIns, ask.proof, this.#address);
    if (!signed.ok) return signed;
    if (ask.previous !== 0n && ask.previous !== ask.session)
      await this.#house.supersede(ask.previous, signed.value.user.id);
    this.#users.set(ask.session, signed.value.user);
    this.#house.signedIn(ask.session, this);
    return done({ key: signed.value.key });
  }

  /** Another connection of the same user takes the session's place. */
  async superseded(session: bigint, user: string): Promise<void> {
    if (this.#users.get(session)?.id !== user) return;
    this.tell({ event: "session-gone", session });
    await this.#lose(session);
  }

  async #signOut(session: bigint): Promise<SmbAnswer> {
    await this.#lose(session);
    return done(undefined);
  }

  /** The client is gone, even if it said so, and may come back for what is durable (MS-SMB2 §3.3.5.6). */
  async #lose(session: bigint): Promise<void> {
    this.#forget(session);
    const opens = this.#house.opens((open) => open.session === session);
    await Promise.all(opens.map((open) => leaveBehind(this.#house, open)));
  }

  #forget(session: bigint): void {
    this.#users.delete(session);
    this.#house.signedOut(session);
    for (const [id, tree] of this.#trees) if (tree.session === session) this.#trees.delete(id);
    this.#pipes.forget((open) => open.session === session);
  }

  async #treeDisconnect(tree: number): Promise<SmbAnswer> {
    this.#trees.delete(tree);
    this.#pipes.forget((open) => open.tree === tree);
    await this.#closeAll((open) => open.tree === tree && this.#users.has(open.session));
    return done(undefined);
  }

  async #closeAll(which: (open: Open) => boolean): Promise<void> {
    await Promise.all(this.#house.opens(which).map((open) => closeOpen(this.#house, open, false)));
  }

  async #treeConnect(ask: AskOf<"tree-connect">): Promise<Outcome<TreeFacts>> {
    const user = this.#users.get(ask.session);
    const name = /^\\\\[^\\]+\\([^\\]+)$/.exec(ask.path)?.[1];
    if (!user || name === undefined) return refused(ntStatus.badNetworkName);
    if (name.toUpperCase() === "IPC$") return done(this.#addTree(ask.session, undefined));
    const shares = await this.#house.needs.shares(user);
    const share = shares.find((one) => one.name.toUpperCase() === name.toUpperCase());
    if (!share) return refused(ntStatus.badNetworkName);
    const files = await this.#house.needs.files(user, share, this.#address);
    if (!files.ok) {
      return files.fault.code === "not-found" ? refused(ntStatus.badNetworkName) : refusedFor(files.fault);
    }
    return done(this.#addTree(ask.session, { share, user, ...files.value }));
  }

  #addTree(session: bigint, room: Room | undefined): TreeFacts {
    const tree = this.#nextTree++;
    this.#trees.set(tree, { session, room });
    return {
      tree,
      type: room ? shareType.disk : shareType.pipe,
      flags: room ? 0 : 0x30,
      capabilities: 0,
      maximalAccess: room ? allowedAccess(room.share, false) : 0x1f00a9,
      encrypt: room?.share.encrypt ?? false,
    };
  }

  async #create(ask: AskOf<"create">): Promise<SmbAnswer> {
    const tree = this.#trees.get(ask.tree);
    if (!tree) return refused(ntStatus.networkNameDeleted);
    this.#join(ask.clientGuid.toHex());
    if (tree.room) return createFile(this.#house, tree.room, ask, (event) => this.tell(event));
    const user = this.#users.get(ask.session);
    return user ? this.#pipes.create(ask, user) : refused(ntStatus.userSessionDeleted);
  }

  /** For the admin API. */
  facts(): SmbSessionRow {
    const user = [...this.#users.values()].at(-1)?.name ?? "";
    const open = this.#house.opens((one) => this.#users.has(one.session)).length;
    const doing = open === 0 ? "idle" : `${open} open`;
    const { id, address, since } = { id: this.#id, address: this.#address, since: this.#since };
    return { id, door: "smb", user, address, since, doing, bytesIn: this.#bytesIn, bytesOut: this.#bytesOut };
  }

  #join(client: string): void {
    if (this.#client === client) return;
    this.#client = client;
    this.#house.joined(client, this);
  }

  // What is told to the client unasked.

  tell(event: GateEvent): void {
    this.#events.push(event);
    this.#wake?.();
  }

  async #nextEvent(): Promise<Outcome<GateEvent>> {
    if (this.#events.length === 0) await new Promise<void>((yes) => (this.#wake = yes));
    const event = this.#events.shift();
    return event ? done(event) : refused(ntStatus.cancelled);
  }
}
