/** The signals a daemon answers. */
export interface SignalHandlers {
  /** SIGTERM or SIGINT, the first time. */
  stop(signal: string): void;
  /** The same, once more: leave now. */
  stopNow(signal: string): void;
  /** SIGHUP. */
  reload(): void;
}

/** A second signal within this time is the same wish told twice: Ctrl-C reaches us from the terminal, and
 *  once more from npm. */
const echoMs = 500;

/** Listens for the house's signals until the process ends. */
export function onSignals(handlers: SignalHandlers): void {
  let askedAt: number | undefined;
  const stop = (signal: NodeJS.Signals): void => {
    if (askedAt === undefined) {
      askedAt = performance.now();
      handlers.stop(signal);
    } else if (performance.now() - askedAt > echoMs) handlers.stopNow(signal);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("SIGHUP", () => handlers.reload());
}

/** For a child of `keepChildren`: calls `gone` when the parent is no more, and leaves Ctrl-C to the
 *  parent. Does
 *  not keep the process alive. */
export function watchParent(gone: () => void): void {
  process.removeAllListeners("SIGINT");
  process.on("SIGINT", () => {});
  process.stdin.on("data", () => {}).once("end", gone);
  process.stdin.unref();
}

/** For a program that a script runner started, through a shell that passes no signals on: calls `gone` when
 *  that shell has ended. Does not keep the process alive. */
export function watchLauncher(gone: () => void): void {
  const launcher = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === launcher) return;
    clearInterval(timer);
    gone();
  }, 200);
  timer.unref();
}
