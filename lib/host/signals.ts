/** The signals a daemon answers. */
export interface SignalHandlers {
  /** SIGTERM or SIGINT, the first time. */
  stop(signal: string): void;
  /** The same, once more: leave now. */
  stopNow(signal: string): void;
  /** SIGHUP. */
  reload(): void;
}

/** Listens for the house's signals until the process ends. */
export function onSignals(handlers: SignalHandlers): void {
  let asked = false;
  const stop = (signal: NodeJS.Signals): void => {
    if (asked) return handlers.stopNow(signal);
    asked = true;
    handlers.stop(signal);
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.on("SIGHUP", () => handlers.reload());
}
