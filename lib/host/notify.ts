import { cText, memory, openLibc } from "./platform/libc.ts";

/** Tells the service manager a state: sd_notify(3). Does nothing where `socketPath` is undefined or the
 *  system has no such thing. Never throws: a manager that does not listen is no reason to stop serving. */
export function notifier(socketPath: string | undefined): (state: string) => void {
  if (!socketPath) return () => {};
  const c = openLibc({
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    sendto: { args: ["i32", "ptr", "u64", "i32", "ptr", "u32"], returns: "i64" },
    close: { args: ["i32"], returns: "i32" },
  });
  if (!c) return () => {};
  const address = unixAddress(socketPath);
  return (state) => {
    const socket = c.socket(afUnix, sockDgram | sockCloexec, 0);
    if (socket < 0) return;
    const message = cText(state);
    c.sendto(socket, message.pointer, message.u8.length - 1, msgNosignal, address.pointer, address.length);
    c.close(socket);
  };
}

const afUnix = 1;
const sockDgram = 2;
const sockCloexec = 0o2000000;
const msgNosignal = 0x4000;
const pathBytes = 108;

/** struct sockaddr_un: the family, then the path. A leading "@" names the abstract space and becomes NUL. */
function unixAddress(path: string) {
  const bytes = new TextEncoder().encode(path).subarray(0, pathBytes - 1);
  const address = memory(2 + pathBytes);
  address.view.setUint16(0, afUnix, true);
  address.u8.set(bytes, 2);
  const abstract = bytes[0] === 0x40;
  if (abstract) address.u8[2] = 0;
  return { pointer: address.pointer, length: 2 + bytes.length + (abstract ? 0 : 1), keep: address };
}

/** CLOCK_MONOTONIC in whole microseconds, as the service manager counts it; undefined where there is none. */
export function monotonicMicroseconds(): bigint | undefined {
  const c = openLibc({ clock_gettime: { args: ["i32", "ptr"], returns: "i32" } });
  if (!c) return undefined;
  const timespec = memory(16);
  if (c.clock_gettime(clockMonotonic, timespec.pointer) !== 0) return undefined;
  return timespec.view.getBigInt64(0, true) * 1_000_000n + timespec.view.getBigInt64(8, true) / 1000n;
}

const clockMonotonic = 1;
