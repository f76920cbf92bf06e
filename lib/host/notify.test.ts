import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { monotonicMicroseconds, notifier } from "./notify.ts";
import { memory, openLibc } from "./platform/libc.ts";

const folder = mkdtempSync(join(tmpdir(), "holdfast-notify-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A datagram socket as the service manager's, which the runtime cannot open by itself. */
function managerSocket(path: string) {
  const c = openLibc({
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    bind: { args: ["i32", "ptr", "u32"], returns: "i32" },
    recv: { args: ["i32", "ptr", "u64", "i32"], returns: "i64" },
    close: { args: ["i32"], returns: "i32" },
  })!;
  const address = memory(110);
  const bytes = new TextEncoder().encode(path);
  address.view.setUint16(0, 1, true);
  address.u8.set(bytes, 2);
  const abstract = path.startsWith("@");
  if (abstract) address.u8[2] = 0;
  const socket = c.socket(1, 2, 0);
  expect(c.bind(socket, address.pointer, 2 + bytes.length + (abstract ? 0 : 1))).toBe(0);
  const room = memory(256);
  return {
    receive(): string {
      const size = Number(c.recv(socket, room.pointer, 256n, 0x40)); // MSG_DONTWAIT
      return new TextDecoder().decode(room.u8.subarray(0, Math.max(0, size)));
    },
    [Symbol.dispose]: () => void c.close(socket),
  };
}

test.skipIf(process.platform !== "linux").each([
  ["a path", join(folder, "notify")],
  ["the abstract space", `@holdfast-notify-${process.pid}`],
])("states arrive at a manager in %s", (_, path) => {
  using manager = managerSocket(path);
  const notify = notifier(path);
  notify("READY=1");
  expect(manager.receive()).toBe("READY=1");
  notify("RELOADING=1\nMONOTONIC_USEC=17");
  expect(manager.receive()).toBe("RELOADING=1\nMONOTONIC_USEC=17");
});

test("nobody to tell is no trouble", () => {
  notifier(undefined)("READY=1");
  notifier(join(folder, "nobody"))("READY=1");
});

test.skipIf(process.platform !== "linux")("the monotonic clock is the kernel's", async () => {
  const uptime = await Bun.file("/proc/uptime").text();
  const since = Number(monotonicMicroseconds()) / 1e6;
  expect(since).toBeGreaterThan(0);
  expect(since).toBeLessThan(Number(uptime.split(" ")[0]) + 1);
});
