import type { Path } from "../../base/path.ts";
import { isWithin } from "../../base/path.ts";
import type { GateEvent } from "../../proto/smb/ask.ts";
import type { FileId } from "../../proto/smb/header.ts";
import { notifyAction, notifyFilter } from "../../proto/smb/notify.ts";
import type { Sid } from "../../proto/smb/security-descriptor.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { Folds } from "./folds.ts";
import { Holds } from "./holds.ts";
import { Keyed } from "./keyed.ts";
import { folded } from "./name.ts";
import type { SmbNeeds } from "./needs.ts";
import { Node, type NodeOrigin } from "./node.ts";
import type { Open } from "./open.ts";
import { houseSid } from "./sids.ts";
import { SignInLimit } from "./sign-in-limit.ts";

/** Handles in all, and of them those whose clients are not connected. */
const limits = { opens: 16_384, away: 4096 };

/** A connection, as the house sees it. */
interface SignedIn {
  tell(event: GateEvent): void;
  superseded(session: bigint, user: string): Promise<void>;
}

/** What all connections of one daemon have in common: who has which file open, and the order of turns. */
export class SmbHouse {
  readonly needs: SmbNeeds;
  readonly folds: Folds;
  readonly signIns: SignInLimit;
  /** What makes the keys of server-side copies unguessable. */
  readonly copySecret: Uint8Array;
  readonly holds: Holds;
  /** What the SIDs of users and groups begin with. */
  readonly sid: Sid;
  readonly #keyed = new Keyed();
  readonly #clients = new Map<string, Set<SignedIn>>();
  readonly #sessions = new Map<bigint, SignedIn>();
  readonly #leaving = new Set<Promise<unknown>>();
  readonly #nodes = new Map<string, Node>();
  readonly #opens = new Map<bigint, Open>();
  /** Durable handles without a connection, by persistent id, the longest away first. */
  readonly #away = new Map<bigint, Open>();
  /** By client and its name for the CREATE. */
  readonly #creates = new Map<string, Open | "pending">();
  #nextFile: bigint;

  constructor(needs: SmbNeeds, serverGuid: Uint8Array) {
    this.needs = needs;
    this.sid = houseSid(serverGuid);
    this.folds = new Folds(needs.clock);
    const tellClient = (client: string, event: GateEvent): void => {
      const [first] = this.#clients.get(client) ?? [];
      first?.tell(event);
    };
    this.holds = new Holds((ms, run) => needs.later(ms, run), tellClient);
    this.copySecret = needs.entropy(16);
    this.signIns = new SignInLimit(needs.clock);
    // Ids of one run never meet those of another, which a durable handle may bring.
    this.#nextFile = BigInt(Math.floor(needs.clock.wall())) << 20n;
  }

  get openCount(): number {
    return this.#opens.size;
  }
  get isFull(): boolean {
    return this.#opens.size >= limits.opens;
  }

  /** A connection of the client with this GUID: the first one hears of its leases. */
  joined(client: string, on: SignedIn): void {
    const known = this.#clients.get(client);
    if (known) known.add(on);
    else this.#clients.set(client, new Set([on]));
  }
  left(client: string, on: SignedIn): void {
    const known = this.#clients.get(client);
    known?.delete(on);
    if (known?.size === 0) this.#clients.delete(client);
  }

  /** The connection that a session is on. */
  signedIn(session: bigint, on: SignedIn): void {
    this.#sessions.set(session, on);
  }
  signedOut(session: bigint): void {
    this.#sessions.delete(session);
  }
  /** Ends a session that the same user has left behind (MS-SMB2 §3.3.5.5.3). */
  async supersede(session: bigint, user: string): Promise<void> {
    await this.#sessions.get(session)?.superseded(session, user);
  }

  /** A connection is gone, and what it had open is being published. */
  leaving(work: Promise<unknown>): void {
    this.#leaving.add(work);
    void work.finally(() => this.#leaving.delete(work));
  }
  /** Resolves once everything that connections left behind is published. */
  async emptied(): Promise<void> {
    while (this.#leaving.size > 0) await Promise.allSettled(this.#leaving);
  }

  /** Runs `work` while nobody else makes, removes or renames one of these names. */
  alone<T>(place: string, paths: readonly Path[], work: () => Promise<T>): Promise<T> {
    return this.#keyed.run(
      paths.map((path) => folded(keyOf(place, path))),
      work,
    );
  }

  node(place: string, path: Path): Node | undefined {
    return this.#nodes.get(keyOf(place, path));
  }

  /** The node of a name that is there, made where nobody has it open yet. */
  nodeOf(place: string, path: Path, isFolder: boolean, origin?: NodeOrigin): Node {
    const known = this.node(place, path);
    if (known) return known;
    const node = new Node(place, path, isFolder, origin);
    this.#nodes.set(keyOf(place, path), node);
    return node;
  }

  /** Every tree that somebody has something open in. */
  places(): Set<string> {
    return new Set([...this.#nodes.values()].map((node) => node.place));
  }

  /** Nodes directly in a folder that the store does not list yet. */
  newIn(place: string, folder: Path): Node[] {
    return [...this.#nodes.values()].filter(
      (n) => n.isNew && n.place === place && n.path.length === folder.length + 1 && isWithin(n.path, folder),
    );
  }

  /** Open nodes strictly beneath a folder. */
  beneath(place: string, folder: Path): Node[] {
    return [...this.#nodes.values()].filter(
      (n) => n.place === place && n.path.length > folder.length && isWithin(n.path, folder),
    );
  }

  /** The node, and every open one beneath it, is called otherwise from now on. */
  moved(node: Node, to: Path): void {
    const from = node.path;
    for (const one of [node, ...this.beneath(node.place, from)]) {
      this.#nodes.delete(keyOf(one.place, one.path));
      one.path = [...to, ...one.path.slice(from.length)];
      this.#nodes.set(keyOf(one.place, one.path), one);
      for (const open of one.opens) if (open.watch) open.watch.folder = one.path;
    }
  }

  nextId(): FileId {
    const volatile = this.#nextFile++;
    return { persistent: volatile, volatile };
  }

  /** For a handle of a run before this one. */
  idAgain(persistent: bigint): FileId {
    return { persistent, volatile: this.#nextFile++ };
  }

  add(open: Open): void {
    this.#opens.set(open.id.volatile, open);
    open.node.opens.add(open);
    if (open.createGuid !== "") this.#creates.set(createKey(open.client, open.createGuid), open);
  }

  /** The handle that a client's CREATE of this name made, or that it is being made. */
  createdAs(client: string, createGuid: string): Open | "pending" | undefined {
    return this.#creates.get(createKey(client, createGuid));
  }
  /** Keeps the name for a CREATE under way. */
  creating(client: string, createGuid: string): void {
    this.#creates.set(createKey(client, createGuid), "pending");
  }
  notCreated(client: string, createGuid: string): void {
    const key = createKey(client, createGuid);
    if (this.#creates.get(key) === "pending") this.#creates.delete(key);
  }

  awayOpen(persistent: bigint): Open | undefined {
    return this.#away.get(persistent);
  }
  /** Everybody who waits for their client. */
  awayOpens(): Open[] {
    return [...this.#away.values()];
  }
  wentAway(open: Open): void {
    this.#away.set(open.id.persistent, open);
  }
  cameBack(open: Open): void {
    this.#away.delete(open.id.persistent);
  }
  /** Nobody fills the house with handles left behind: those longest away go first. */
  async roomForAway(): Promise<void> {
    if (this.#away.size > limits.away) await this.#away.values().next().value?.away?.leave();
  }
  /** A handle that came back is named anew by its volatile half. */
  renumber(open: Open): void {
    this.#opens.delete(open.id.volatile);
    open.id = { persistent: open.id.persistent, volatile: this.#nextFile++ };
    this.#opens.set(open.id.volatile, open);
  }

  open(id: FileId): Open | undefined {
    const open = this.#opens.get(id.volatile);
    return open?.id.persistent === id.persistent ? open : undefined;
  }

  /** Open handles for which `which` holds. */
  opens(which: (open: Open) => boolean): Open[] {
    return [...this.#opens.values()].filter(which);
  }

  /** Forgets the handle, and its node with the last one. */
  remove(open: Open): void {
    this.#opens.delete(open.id.volatile);
    open.node.opens.delete(open);
    const created = createKey(open.client, open.createGuid);
    if (this.#creates.get(created) === open) this.#creates.delete(created);
    if (open.hold && this.holds.closed(open.hold, open)) open.node.holds.delete(open.hold);
    this.forgetIfUnused(open.node);
  }

  forgetIfUnused(node: Node): void {
    const key = keyOf(node.place, node.path);
    if (node.opens.size > 0 || node.streams.size > 0) return;
    if (this.#nodes.get(key) === node) this.#nodes.delete(key);
    if (!node.base) return;
    node.base.node.streams.delete(node);
    this.forgetIfUnused(node.base.node);
  }

  /** Tells of what happened to a file, or to a stream of one. */
  tellOf(node: Node, action: number, what: number): void {
    const { base } = node;
    if (!base) return this.tell(node.place, [{ path: node.path, action, what }]);
    const { path } = base.node;
    const named = [...path.slice(0, -1), `${path.at(-1) ?? ""}:${base.name}`];
    const streamWhat = streamFilter(what);
    this.tell(base.node.place, [{ path: named, action: streamAction(action), what: streamWhat }]);
  }

  /** Tells everybody who watches of what happened to `path`. */
  tell(place: string, events: readonly { path: Path; action: number; what: number }[]): void {
    const watches = this.opens((o) => o.watch !== undefined && o.room.place === place).map((o) => o.watch!);
    for (const watch of watches) {
      for (const { path, action, what } of events) watch.tell(path, action, what);
      watch.deliver();
    }
  }

  /** A folder is gone: whoever watched it is told so. */
  endWatches(node: Node): void {
    for (const open of node.opens) open.watch?.end(ntStatus.deletePending);
  }
}

/** MS-FSCC §2.4.42: what happens to streams has words of its own. */
const streamAction = (action: number): number =>
  action >= notifyAction.added && action <= notifyAction.modified ? action + 5 : action;
const streamFilter = (what: number): number =>
  ((what & notifyFilter.fileName) !== 0 ? 0x200 : 0) |
  ((what & notifyFilter.size) !== 0 ? 0x400 : 0) |
  ((what & notifyFilter.lastWrite) !== 0 ? 0x800 : 0);

const createKey = (client: string, createGuid: string): string => client + createGuid;
const keyOf = (place: string, path: Path): string => `${place}\0${path.join("/")}`;
