import {
  done,
  refused,
  type AskOf,
  type CreateFacts,
  type Outcome,
  type SmbAnswer,
  type SmbAsk,
} from "../../proto/smb/ask.ts";
import { attribute, createAction, oplock, type FileBasics } from "../../proto/smb/create.ts";
import type { FileFacts } from "../../proto/smb/file-info.ts";
import type { FileId } from "../../proto/smb/header.ts";
import { fsctl } from "../../proto/smb/ioctl.ts";
import { ntStatus } from "../../proto/smb/status.ts";
import { RpcPipe, serviceNamed } from "../../proto/dcerpc/pipe.ts";
import type { RpcHost, RpcShare } from "../../proto/dcerpc/service.ts";
import { shareKind } from "../../proto/dcerpc/srvsvc.ts";
import type { User } from "../../rules/identity.ts";
import { rpcAccounts } from "./accounts.ts";
import type { SmbHouse } from "./house.ts";

interface PipeOpen {
  readonly session: bigint;
  readonly tree: number;
  readonly name: string;
  readonly pipe: RpcPipe;
}

type PipeAsk = Extract<SmbAsk, { file: FileId }>;

const maxPipes = 128;

/** The named pipes that one connection has open on IPC$. */
export class PipeOpens {
  readonly #house: SmbHouse;
  readonly #netbios: string;
  readonly #open = new Map<bigint, PipeOpen>();

  constructor(house: SmbHouse, netbios: string) {
    this.#house = house;
    this.#netbios = netbios;
  }

  async create(ask: AskOf<"create">, user: User): Promise<Outcome<CreateFacts>> {
    const service = serviceNamed(ask.request.name.replace(/^\\/, ""));
    if (!service) return refused(ntStatus.objectNameNotFound);
    if (this.#open.size >= maxPipes) return refused(ntStatus.insufficientResources);
    const file = this.#house.nextId();
    const pipe = new RpcPipe(service, await this.#hostFor(user, service.pipe));
    this.#open.set(file.volatile, { session: ask.session, tree: ask.tree, name: service.pipe, pipe });
    return done({ file, oplock: oplock.none, action: createAction.opened, basics: pipeBasics, contexts: [] });
  }

  async perform(ask: PipeAsk): Promise<SmbAnswer> {
    const open = this.#open.get(ask.file.volatile);
    if (open?.session !== ask.session || open.tree !== ask.tree) return refused(ntStatus.fileClosed);
    switch (ask.kind) {
      case "close":
        this.#open.delete(ask.file.volatile);
        return done(ask.wantsBasics ? pipeBasics : undefined);
      case "write":
        if (!open.pipe.write(ask.data)) return refused(ntStatus.pipeDisconnected);
        return done({ count: ask.data.length });
      case "read":
        return answerOf(open.pipe, ask.length);
      case "control":
        if (ask.code !== fsctl.pipeTransceive) return refused(ntStatus.invalidDeviceRequest);
        if (!open.pipe.write(ask.input)) return refused(ntStatus.pipeDisconnected);
        return answerOf(open.pipe, ask.maxOutput);
      case "query-file":
        return done(factsOf(open, ask.file));
      case "flush":
        return done(undefined);
      default:
        return refused(ntStatus.invalidDeviceRequest);
    }
  }

  forget(which: (open: { session: bigint; tree: number }) => boolean): void {
    for (const [id, open] of this.#open) if (which(open)) this.#open.delete(id);
  }

  /** Everybody by SID: read only for who looks names up. */
  async #people(user: User, all: boolean) {
    const people = all ? await this.#house.needs.people(user) : { users: [], groups: [] };
    return rpcAccounts(this.#house.sid, this.#netbios, people);
  }

  async #hostFor(user: User, serviceName: string): Promise<RpcHost> {
    const shares = await this.#house.needs.shares(user);
    const listed = shares.filter((share) => !share.hidden);
    const disks = listed.map((s): RpcShare => ({ name: s.name, comment: s.comment, type: shareKind.disk }));
    const ipc: RpcShare = { name: "IPC$", comment: "Remote procedures", type: shareKind.ipc };
    const { domain, accounts } = await this.#people(user, serviceName === "lsarpc");
    const told = { netbios: this.#netbios, comment: "Holdfast", user: user.name };
    return { ...told, shares: [...disks, ipc], domain, accounts };
  }
}

/** What the service has to say; longer than asked for is a warning, and the rest is read next. */
function answerOf(pipe: RpcPipe, limit: number): Outcome<Uint8Array> {
  const read = pipe.read(limit);
  if (!read) return refused(ntStatus.pipeDisconnected);
  return done(read.bytes, read.more ? ntStatus.bufferOverflow : ntStatus.success);
}

const pipeBasics: FileBasics = {
  created: 0n,
  accessed: 0n,
  written: 0n,
  changed: 0n,
  allocation: 4096n,
  size: 0n,
  attributes: attribute.normal,
};

const factsOf = (open: PipeOpen, file: FileId): FileFacts => ({
  basics: pipeBasics,
  links: 1,
  deletePending: true,
  directory: false,
  fileId: file.volatile,
  volumeId: 0n,
  eaBytes: 0,
  access: 0x12019f,
  position: 0n,
  mode: 0,
  name: `\\${open.name}`,
});
