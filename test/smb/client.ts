import type { Conversation } from "../../lib/base/session.ts";
import { asInstant } from "../../lib/base/time.ts";
import { sha512 } from "../../lib/crypto/hash.ts";
import type { SmbAnswer, SmbAsk } from "../../lib/proto/smb/ask.ts";
import { Deframer, framed } from "../../lib/proto/smb/frame.ts";
import {
  command,
  headerFlag,
  readHeader,
  signatureAt,
  writeHeader,
  type Header,
} from "../../lib/proto/smb/header.ts";
import { sessionKeys, type SessionKeys } from "../../lib/proto/smb/keys.ts";
import {
  contextType,
  idContext,
  preauthContext,
  readIdContext,
  readNegotiateResponse,
  writeNegotiateRequest,
  type NegotiateResponse,
} from "../../lib/proto/smb/negotiate.ts";
import { readSessionSetupResponse, writeSessionSetupRequest } from "../../lib/proto/smb/session-setup.ts";
import { isSigned, signerOf, type Signer } from "../../lib/proto/smb/signing.ts";
import { openMessage, readTransformHeader, sealMessage } from "../../lib/proto/smb/transform.ts";
import { readTreeConnectResponse, writeTreeConnectRequest } from "../../lib/proto/smb/tree-connect.ts";
import { Reader } from "../../lib/wire/reader.ts";
import { Writer } from "../../lib/wire/writer.ts";
import { concat } from "../../lib/base/bytes.ts";
import { NtlmClient, type NtlmUser } from "./ntlm-client.ts";

/** One response: its header, and a reader that stands at its body. */
export interface Got {
  readonly header: Header;
  readonly status: number;
  body(): Reader;
}

export interface Request {
  readonly code: number;
  readonly write: (w: Writer) => void;
  readonly related?: boolean;
}

/** A client over a gate in the same process: no sockets, the clock moved by hand. Signs all it sends. */
export class TestClient {
  readonly #conversation: Conversation<SmbAsk, SmbAnswer>;
  readonly #frames = new Deframer();
  readonly #got: Got[] = [];
  #now = 0;
  #nextMessage = 0n;
  #preauth: Uint8Array = new Uint8Array(64);
  #keys: SessionKeys | undefined;
  #sign: Signer | undefined;
  #cipher = 0;
  #nonce = 0;
  #open = 0;
  sealed = false;
  /** Every request says that it was sent before. */
  replaying = false;
  session = 0n;
  tree = 0;
  closed = false;

  constructor(conversation: Conversation<SmbAsk, SmbAnswer>) {
    this.#conversation = conversation;
    this.#pump();
  }

  async signIn(
    who: NtlmUser,
    dialects: readonly number[] = [0x0311],
    ciphers = [2],
    signings = [2],
  ): Promise<Got> {
    const negotiated = await this.negotiate(dialects, ciphers, signings);
    const ntlm = new NtlmClient();
    const first = await this.#setup(ntlm.negotiate);
    const { token } = readSessionSetupResponse(first.body());
    const last = await this.#setup(ntlm.authenticate(token, who), (preauth) => {
      const spoken = negotiated.dialect;
      const id = (type: number): number | undefined => {
        const context = negotiated.contexts.find((c) => c.type === type);
        return context && readIdContext(new Reader(context.data))[0];
      };
      const older = spoken >= 0x0300 ? 1 : 0;
      this.#cipher = id(contextType.encryption) ?? older;
      this.#keys = sessionKeys(spoken, this.#cipher, ntlm.key, preauth);
      this.#sign = signerOf(id(contextType.signing) ?? older, this.#keys.signing);
    });
    return last;
  }

  async negotiate(
    dialects: readonly number[],
    ciphers: number[],
    signings: number[],
  ): Promise<NegotiateResponse> {
    const contexts = [
      preauthContext(new Uint8Array(32)),
      idContext(contextType.encryption, ciphers),
      idContext(contextType.signing, signings),
    ];
    const request = { securityMode: 1, capabilities: 0x7f, clientGuid: new Uint8Array(16).fill(9), dialects };
    const sent = this.#message([
      { code: command.negotiate, write: (w) => writeNegotiateRequest(w, { ...request, contexts }) },
    ]);
    this.#preauth = sha512(this.#preauth, sent);
    const got = await this.#exchange(sent);
    this.#preauth = sha512(this.#preauth, this.lastMessage);
    return readNegotiateResponse(got[0]!.body());
  }

  lastMessage: Uint8Array = new Uint8Array(0);

  async #setup(token: Uint8Array, before?: (preauth: Uint8Array) => void): Promise<Got> {
    const request = { flags: 0, securityMode: 1, capabilities: 0, previous: 0n, token };
    const sent = this.#message([
      { code: command.sessionSetup, write: (w) => writeSessionSetupRequest(w, request) },
    ]);
    this.#preauth = sha512(this.#preauth, sent);
    before?.(this.#preauth);
    const [got] = await this.#exchange(sent);
    this.#preauth = sha512(this.#preauth, this.lastMessage);
    this.session = got!.header.sessionId;
    return got!;
  }

  async connect(share: string): Promise<Got> {
    const path = `\\\\server\\${share}`;
    const got = await this.ask(command.treeConnect, (w) => writeTreeConnectRequest(w, { path }));
    if (got.status === 0) {
      readTreeConnectResponse(got.body());
      this.tree = got.header.treeId;
    }
    return got;
  }

  async ask(code: number, write: (w: Writer) => void): Promise<Got> {
    return (await this.compound([{ code, write }]))[0]!;
  }

  compound(requests: readonly Request[]): Promise<Got[]> {
    return this.#exchange(this.#message(requests));
  }

  /** Sends whatever bytes, framed, and gives what came back once all is quiet. */
  async #exchange(message: Uint8Array): Promise<Got[]> {
    this.sendRaw(framed(this.sealed ? this.#seal(message) : message));
    await this.settle();
    return this.#got.splice(0);
  }

  sendRaw(bytes: Uint8Array): void {
    this.#conversation.session.receive(Uint8Array.from(bytes), asInstant(this.#now));
    this.#pump();
  }

  /** Lets the gate work until nothing but what waits for events is open. */
  async settle(): Promise<void> {
    for (let i = 0; i < 400 && this.#open > 1; i++) await new Promise((yes) => setImmediate(yes));
  }

  /** Moves the clock, so that what takes long is told to be pending. */
  async later(ms: number): Promise<Got[]> {
    this.#now += ms;
    this.#conversation.session.expire(asInstant(this.#now));
    this.#pump();
    await this.settle();
    return this.#got.splice(0);
  }

  take(): Got[] {
    return this.#got.splice(0);
  }

  #pump(): void {
    const { session } = this.#conversation;
    for (let effect = session.poll(); effect; effect = session.poll()) {
      if (effect.do === "send") this.#receive(effect.bytes);
      else if (effect.do === "close") this.closed = true;
      else if (effect.do === "ask") {
        const { id } = effect;
        this.#open++;
        void this.#conversation.perform(effect.ask).then((answer) => {
          this.#open--;
          session.answer(id, answer, asInstant(this.#now));
          this.#pump();
        });
      }
    }
  }

  #receive(bytes: Uint8Array): void {
    for (const frame of this.#frames.push(bytes)) {
      if (!frame) throw new Error("a broken frame");
      let { message } = frame;
      if (message[0] === 0xfd) {
        const header = readTransformHeader(new Reader(message));
        message = openMessage(this.#cipher, this.#keys!.serverToClient, header, message)!;
      }
      this.lastMessage = message;
      for (let rest = message; ;) {
        const header = readHeader(new Reader(rest));
        const element = header.next === 0 ? rest : rest.subarray(0, header.next);
        this.#got.push(gotOf(header, element));
        const isPlain = frame.message[0] === 0xfe;
        if (isPlain && (header.flags & headerFlag.signed) !== 0 && this.#sign) {
          if (!isSigned(this.#sign, Uint8Array.from(element), true))
            throw new Error("a response signed by nobody");
        }
        if (header.next === 0) break;
        rest = rest.subarray(header.next);
      }
    }
  }

  #message(requests: readonly Request[]): Uint8Array {
    const parts = requests.map((request, i) => this.#element(request, i === requests.length - 1));
    return concat(parts);
  }

  #element({ code, write, related = false }: Request, isLast: boolean): Uint8Array {
    const w = new Writer();
    const signs = this.#sign !== undefined && !this.sealed;
    const base: Header = {
      creditCharge: 1,
      status: 0,
      command: code,
      credits: 32,
      next: 0,
      messageId: this.#nextMessage++,
      flags:
        (this.replaying ? headerFlag.replay : 0) |
        (related ? headerFlag.related : 0) |
        (signs ? headerFlag.signed : 0),
      asyncId: 0n,
      treeId: this.tree,
      sessionId: this.session,
      signature: new Uint8Array(16),
    };
    writeHeader(w, base);
    write(w);
    if (!isLast) {
      w.align(8);
      w.patchU32le(20, w.length);
    }
    const element = w.take();
    if (signs) element.set(this.#sign!([element], false), signatureAt);
    return element;
  }

  #seal(message: Uint8Array): Uint8Array {
    const nonce = new Uint8Array(16);
    nonce[0] = ++this.#nonce;
    return concat(sealMessage(this.#cipher, this.#keys!.clientToServer, nonce, this.session, [message]));
  }
}

const gotOf = (header: Header, element: Uint8Array): Got => ({
  header,
  status: header.status,
  body() {
    const r = new Reader(element);
    r.skip(64);
    return r;
  },
});
