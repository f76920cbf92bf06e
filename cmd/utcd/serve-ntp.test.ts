import { expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { parsePrefix } from "../../lib/base/ip.ts";
import { must } from "../../lib/base/result.ts";
import { localStatus } from "../../lib/gate/time/house-status.ts";
import { newShared, type NtpDoorPlan } from "../../lib/gate/time/ntp-door.ts";
import { SharedStatus } from "../../lib/gate/time/shared-status.ts";
import { Tally } from "../../lib/gate/time/tally.ts";
import { silentLog } from "../../lib/watch/log.ts";
import { serveNtp } from "./serve-ntp.ts";

const plan = (): NtpDoorPlan => {
  const shared = newShared(2, 64);
  const reference = { seconds: 4_000_000_000, fraction: 0 };
  new SharedStatus(shared.status).publish(
    localStatus(undefined, { stratum: 10, dispersion: 1 }, -20, reference),
  );
  const access = { allow: [parsePrefix("127.0.0.0/8")!, parsePrefix("::1")!], deny: [] };
  return {
    access,
    limit: undefined,
    precision: -20,
    seed: 1,
    keys: [],
    nts: undefined,
    smear: undefined,
    control: false,
    shared,
  };
};
const request = new Uint8Array(48).fill(7);
request[0] = 0x23;

function ask(port: number, host: string): Promise<Uint8Array> {
  const client = createSocket(host.includes(":") ? "udp6" : "udp4");
  return new Promise((yes, no) => {
    const patience = setTimeout(() => no(new Error("no answer")), 3000);
    client.once("message", (bytes) => {
      clearTimeout(patience);
      client.close();
      yes(bytes);
    });
    client.send(request, port, host);
  });
}

test("two threads answer over IPv4 and IPv6 with the kernel's stamps, and stop when told", async () => {
  const p = plan();
  const service = must(await serveNtp(p, { listen: { host: "::", port: 0 }, threads: 2, log: silentLog }));
  const before = Date.now() / 1000 + 2_208_988_800;
  for (const host of ["127.0.0.1", "::1", "127.0.0.3", "127.0.0.1", "127.0.0.1"]) {
    const reply = Buffer.from(await ask(service.endpoint.port, host));
    expect([reply.length, reply[0], reply[1]]).toEqual([48, 0x24, 10]);
    expect(Math.abs(reply.readUInt32BE(32) - before)).toBeLessThan(5);
    expect(reply.subarray(24, 32)).toEqual(Buffer.from(request.subarray(40)));
  }
  expect(new Tally(p.shared.tally, 0).read().get("answered")).toBe(5);
  const started = performance.now();
  await service[Symbol.asyncDispose]();
  expect(performance.now() - started).toBeLessThan(4500);
});

test("a storm of clients that are gone leaves the thread alive", async () => {
  const service = must(
    await serveNtp(plan(), { listen: { host: "127.0.0.1", port: 0 }, threads: 1, log: silentLog }),
  );
  for (let i = 0; i < 300; i++) {
    const gone = createSocket("udp4");
    await new Promise<void>((yes) => gone.send(request, service.endpoint.port, "127.0.0.1", () => yes()));
    await new Promise<void>((yes) => gone.close(() => yes()));
  }
  expect((await ask(service.endpoint.port, "127.0.0.1")).length).toBe(48);
  await service[Symbol.asyncDispose]();
});

test("a port in use is a fault", async () => {
  const how = { listen: { host: "127.0.0.1", port: 0 }, threads: 1, log: silentLog };
  const first = must(await serveNtp(plan(), how));
  const second = await serveNtp(plan(), { ...how, listen: first.endpoint });
  expect(!second.ok && second.fault.code).toBe("exists");
  await first[Symbol.asyncDispose]();
});
