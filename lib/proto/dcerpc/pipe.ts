import { concat, empty } from "../../base/bytes.ts";
import { decode } from "../../wire/decode.ts";
import { lsarpc } from "./lsarpc.ts";
import { NdrWriter } from "./ndr.ts";
import {
  bindAckBytes,
  bindReason,
  bindResult,
  faultBytes,
  ndr,
  pduFlag,
  pduType,
  readBind,
  readPduHeader,
  readRpcRequest,
  responseFragments,
  rpcFault,
  type PduHeader,
  type Presentation,
  type RpcRequest,
} from "./pdu.ts";
import type { RpcHost, Service } from "./service.ts";
import { srvsvc } from "./srvsvc.ts";
import { wkssvc } from "./wkssvc.ts";

/** Every service behind a named pipe. */
const services: readonly Service[] = [srvsvc, wkssvc, lsarpc];
const aliases = new Map([["lsass", "lsarpc"]]);

export function serviceNamed(pipe: string): Service | undefined {
  const name = pipe.toLowerCase();
  return services.find((one) => one.pipe === (aliases.get(name) ?? name));
}

const limits = { requestBytes: 1 << 16, answerBytes: 1 << 20 };

/** The server's side of one opened pipe: fragments in by `write`, fragments out by `read`. */
export class RpcPipe {
  readonly #service: Service;
  readonly #host: RpcHost;
  #in: Uint8Array = empty;
  #stub: Uint8Array = empty;
  #out: Uint8Array[] = [];
  #bound = new Set<number>();

  constructor(service: Service, host: RpcHost) {
    this.#service = service;
    this.#host = host;
  }

  get hasAnswer(): boolean {
    return this.#out.length > 0;
  }

  /** False where the bytes are no DCERPC: the pipe is broken. */
  write(bytes: Uint8Array): boolean {
    this.#in = concat([this.#in, bytes]);
    if (this.#in.length > limits.requestBytes) return false;
    while (this.#in.length >= 16) {
      const header = decode(readPduHeader, this.#in);
      if (!header.ok) return false;
      const { length } = header.value;
      if (this.#in.length < length) return true;
      const body = this.#in.subarray(16, length);
      this.#in = this.#in.slice(length);
      if (!this.#take(header.value, body)) return false;
    }
    return true;
  }

  /** At most `limit` bytes of the next fragment; `more`: it was longer. */
  read(limit: number): { bytes: Uint8Array; more: boolean } | undefined {
    const first = this.#out[0];
    if (!first) return undefined;
    const bytes = first.subarray(0, limit);
    const more = bytes.length < first.length;
    if (more) this.#out[0] = first.subarray(limit);
    else this.#out.shift();
    return { bytes, more };
  }

  #take(header: PduHeader, body: Uint8Array): boolean {
    if (this.#out.reduce((sum, one) => sum + one.length, 0) > limits.answerBytes) return false;
    if (header.type === pduType.bind || header.type === pduType.alterContext) {
      const bind = decode(readBind, body);
      if (bind.ok) this.#bind(header, bind.value);
      return bind.ok;
    }
    if (header.type === pduType.auth3) return true;
    const request = header.type === pduType.request ? decode(readRpcRequest, body) : undefined;
    if (!request?.ok) return false;
    if ((header.flags & pduFlag.first) !== 0) this.#stub = empty;
    this.#stub = concat([this.#stub, request.value.stub]);
    if (this.#stub.length > limits.requestBytes) return false;
    if ((header.flags & pduFlag.last) !== 0) this.#call(header, { ...request.value, stub: this.#stub });
    return true;
  }

  #bind(header: PduHeader, presentations: readonly Presentation[]): void {
    const results = presentations.map((one) => {
      const { uuid } = this.#service.interface;
      if (one.interface.uuid !== uuid)
        return { result: bindResult.refused, reason: bindReason.abstractSyntax };
      const speaksNdr = one.transfers.some((t) => t.uuid === ndr.uuid);
      if (!speaksNdr) return { result: bindResult.refused, reason: bindReason.transferSyntax };
      if (this.#bound.size < 64) this.#bound.add(one.id);
      return { result: bindResult.accepted, reason: bindReason.none };
    });
    const isBind = header.type === pduType.bind;
    const type = isBind ? pduType.bindAck : pduType.alterContextResponse;
    const address = isBind ? `\\PIPE\\${this.#service.pipe}` : "";
    this.#out.push(bindAckBytes(type, header.callId, address, results));
  }

  #call({ callId }: PduHeader, request: RpcRequest): void {
    const { context, operation, stub } = request;
    const fault = (status: number): void => void this.#out.push(faultBytes(callId, context, status));
    if (!this.#bound.has(context)) return fault(rpcFault.badInterface);
    const run = this.#service.operations.get(operation);
    if (!run) return fault(rpcFault.badOperation);
    const out = new NdrWriter();
    const done = decode((r) => run(r, out, this.#host), stub);
    if (!done.ok) return fault(rpcFault.badStub);
    this.#out.push(...responseFragments(callId, context, out.bytes()));
  }
}
