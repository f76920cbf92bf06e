import { dlopen, JSCallback, ptr, type Pointer } from "bun:ffi";

/** This process as Windows's service manager sees it. */
export interface WindowsService {
  /** It serves: the start is over. */
  running(): void;
  /** It will end soon; said again each second until it has, with a rising count that shows progress. */
  stopping(): void;
  /** It has ended, and with which exit code: the last thing before the process goes. */
  stopped(exitCode: number): void;
}

/** SERVICE_STATUS.dwCurrentState */
const stateOf = { stopped: 1, startPending: 2, stopPending: 3, running: 4 } as const;
/** SERVICE_ACCEPT_STOP | SERVICE_ACCEPT_SHUTDOWN */
const accepts = 0x5;
/** SERVICE_WIN32_OWN_PROCESS */
const ownProcess = 0x10;
/** ERROR_SERVICE_SPECIFIC_ERROR: the reason is our own exit code. */
const specificError = 1066;
/** HandlerProc's codes. */
const controls = { stop: 1, shutdown: 5 } as const;
/** How long the manager waits for the next sign of life, in milliseconds. */
const hintMs = 10_000;
/** Started by hand, nobody will ever call us back. */
const managerMs = 20_000;

/** Joins the service manager that started this process. `onStop` is called when it wants an end. Rejects
 *  where no manager answers within 20 s: the program was started by hand.
 *
 *  The dispatcher blocks its thread for as long as the service lives; its signature is that of a thread's
 *  routine, so a thread of its own runs it, and this one goes on. The handler is the plain one, which returns
 *  nothing, because a call from a foreign thread cannot wait for an answer of ours. */
export async function joinServiceManager(name: string, onStop: () => void): Promise<WindowsService> {
  const { kernel, services } = openLibraries();
  const wideName = wide(name);
  const status = new Uint32Array(new ArrayBuffer(28));
  const pinned: unknown[] = [wideName, status];
  const life = { handle: 0n, checkpoint: 0, state: stateOf.startPending as number };

  const report = (state: number, exitCode = 0): void => {
    const settled = state === stateOf.running || state === stateOf.stopped;
    life.state = state;
    life.checkpoint = settled ? 0 : life.checkpoint + 1;
    const failed = exitCode === 0 ? 0 : specificError;
    const accepted = state === stateOf.running ? accepts : 0;
    status.set([ownProcess, state, accepted, failed, exitCode, life.checkpoint, settled ? 0 : hintMs]);
    if (life.handle !== 0n) services.SetServiceStatus(life.handle, ptr(status));
  };
  const control = new JSCallback(
    (code: number) => {
      if (code === controls.stop || code === controls.shutdown) onStop();
      else report(life.state);
    },
    { args: ["u32"], returns: "void", threadsafe: true },
  );
  const begun = Promise.withResolvers<void>();
  const main = new JSCallback(
    () => {
      life.handle = services.RegisterServiceCtrlHandlerW(ptr(wideName), control.ptr);
      report(stateOf.startPending);
      begun.resolve();
    },
    { args: ["u32", "ptr"], returns: "void", threadsafe: true },
  );
  const table = new BigUint64Array([BigInt(ptr(wideName)), BigInt(main.ptr!), 0n, 0n]);
  pinned.push(table, control, main);
  kernel.CreateThread(null, 0n, dispatcherOf(kernel, pinned), ptr(table), 0, null);
  const late = setTimeout(() => begun.reject(new Error("no service manager started this")), managerMs);
  await begun.promise.finally(() => clearTimeout(late));
  const alive = setInterval(() => void pinned.length, 60_000); // the manager keeps these addresses for good
  return {
    running: () => report(stateOf.running),
    stopping() {
      report(stateOf.stopPending);
      setInterval(() => report(stateOf.stopPending), 1000).unref();
    },
    stopped(exitCode) {
      clearInterval(alive);
      report(stateOf.stopped, exitCode);
    },
  };
}

function openLibraries() {
  const kernel = dlopen("kernel32.dll", {
    LoadLibraryW: { args: ["ptr"], returns: "ptr" },
    GetProcAddress: { args: ["ptr", "ptr"], returns: "ptr" },
    CreateThread: { args: ["ptr", "u64", "ptr", "ptr", "u32", "ptr"], returns: "ptr" },
  }).symbols;
  const services = dlopen("advapi32.dll", {
    RegisterServiceCtrlHandlerW: { args: ["ptr", "ptr"], returns: "u64" },
    SetServiceStatus: { args: ["u64", "ptr"], returns: "i32" },
  }).symbols;
  return { kernel, services };
}

/** The dispatcher's address: a thread is begun at an address, not at a name. */
function dispatcherOf(kernel: ReturnType<typeof openLibraries>["kernel"], pinned: unknown[]): Pointer | null {
  const library = wide("advapi32.dll");
  const symbol = Buffer.from("StartServiceCtrlDispatcherW\0");
  pinned.push(library, symbol);
  return kernel.GetProcAddress(kernel.LoadLibraryW(ptr(library)), ptr(symbol)) as Pointer | null;
}

const wide = (text: string): Buffer => Buffer.from(`${text}\0`, "utf16le");
