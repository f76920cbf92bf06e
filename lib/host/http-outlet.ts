import { read as readFile } from "node:fs";
import type { FileRange } from "../base/file-range.ts";
import type { FileSender } from "./platform/send-file.ts";

/** What is sent of a file between two looks at what else there is to do. */
const windowBytes = 1 << 20;
/** Sent by way of our own memory where the socket is full: then the socket tells when it has room. */
const bridgeBytes = 4096;
/** Where a file is read to when it is only to be in memory afterwards. What lands here is not looked at. */
const nowhere = new Uint8Array(windowBytes);

/** The part of a socket that takes bytes. `write` gives how many were taken, -1 where it is closed. */
export interface ByteSink {
  write(bytes: Uint8Array, from?: number, count?: number): number;
  /** -1 where it is closed. */
  readonly fd: number;
}

/** Sends bytes at the peer's pace: what the socket does not take waits here, one piece at a time. */
export class Outlet {
  /** Bytes the system has taken so far. */
  sent = 0;
  #left: Uint8Array | undefined;
  #drained: PromiseWithResolvers<void> | undefined;
  #gone = false;
  readonly #sink: ByteSink;

  constructor(sink: ByteSink) {
    this.#sink = sink;
  }

  /** The peer takes less than it is sent: what the stall watch looks at. */
  get waiting(): boolean {
    return this.#left !== undefined;
  }

  get gone(): boolean {
    return this.#gone;
  }

  /** True: the system has it all, the memory is free again. False: wait for `drained` before the next. The
   *  memory must stay as it is meanwhile, unless `copies` says that it may not. */
  write(bytes: Uint8Array, count = bytes.length, copies = false): boolean {
    if (this.#gone) return true;
    const taken = this.#sink.write(bytes, 0, count);
    if (taken > 0) this.sent += taken;
    if (taken >= count || taken < 0) return true;
    const left = bytes.subarray(taken, count);
    this.#left = copies ? new Uint8Array(left) : left;
    return false;
  }

  /** Resolves once the system has all of it, or the connection is gone. */
  drained(): Promise<void> {
    if (!this.#left) return Promise.resolve();
    this.#drained ??= Promise.withResolvers();
    return this.#drained.promise;
  }

  /** Sends a stretch of a file without reading it. Only where the socket is a plain one and nothing waits. */
  async sendFile(range: FileRange, files: FileSender): Promise<void> {
    const { fd, end } = range;
    for (let at = range.start; at < end && !this.#gone;) {
      const count = Math.min(windowBytes, end - at);
      if (!files.isCached(fd, at, count)) await readInto(nowhere, fd, at, count);
      if (this.#gone) return;
      const sent = files.send(this.#sink.fd, fd, at, count);
      if (sent < 0) return this.close();
      at += sent;
      this.sent += sent;
      if (sent === count) await otherWork();
      else at += await this.#bridge(fd, at, Math.min(bridgeBytes, end - at));
    }
  }

  /** Sends a few bytes once there is room for them; how many. */
  async #bridge(fd: number, at: number, count: number): Promise<number> {
    const bytes = new Uint8Array(count);
    const got = await readInto(bytes, fd, at, count);
    if (got === 0) throw new Error("the file is shorter than it was");
    if (!this.write(bytes, got)) await this.drained();
    return got;
  }

  /** The socket has room. */
  drain(): void {
    const left = this.#left;
    if (!left) return;
    this.#left = undefined;
    if (!this.write(left)) return;
    this.#settle();
  }

  /** The connection is closed: nothing more goes out. */
  close(): void {
    this.#gone = true;
    this.#left = undefined;
    this.#settle();
  }

  #settle(): void {
    const drained = this.#drained;
    this.#drained = undefined;
    drained?.resolve();
  }
}

const otherWork = (): Promise<void> => new Promise((done) => void setImmediate(done));

const readInto = (into: Uint8Array, fd: number, at: number, count: number): Promise<number> =>
  new Promise((done, failed) => {
    readFile(fd, into, 0, count, at, (error, got) => (error ? failed(error) : done(got)));
  });
