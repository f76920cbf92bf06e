/** The part of a socket that takes bytes. `write` gives how many were taken, -1 where it is closed. */
export interface ByteSink {
  write(bytes: Uint8Array, from?: number, count?: number): number;
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
