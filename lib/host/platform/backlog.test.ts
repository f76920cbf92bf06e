import { expect, test } from "bun:test";
import { deepenBacklog } from "./backlog.ts";

test.skipIf(process.platform !== "linux")(
  "a listening socket takes a deeper backlog, nothing else does",
  () => {
    const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
    expect(deepenBacklog((listener as typeof listener & { fd: number }).fd)).toBe(true);
    listener.stop();
    expect(deepenBacklog(-1)).toBe(false);
  },
);
