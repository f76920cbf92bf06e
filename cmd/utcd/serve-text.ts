import { isIPv6 } from "node:net";
import type { Endpoint } from "../../lib/base/endpoint.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { allows, type AccessList } from "../../lib/gate/time/access-list.ts";
import { listenTcp } from "../../lib/host/tcp.ts";
import { listenUdp } from "../../lib/host/udp.ts";
import { daytimeAnswer } from "../../lib/proto/time/daytime.ts";
import { timeAnswer } from "../../lib/proto/time/time.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { UtcdConfig } from "./config.ts";

/** TIME and Daytime: who connects is told the time and the connection is over. */
export interface TextServiceHow {
  readonly listen: Endpoint;
  readonly udp: boolean;
  readonly access: () => AccessList;
  /** From Unix seconds to what is sent. */
  readonly answer: (unixSeconds: number) => Uint8Array;
  /** Whether we know the time; while we do not, connections close without a word. */
  readonly knows: () => boolean;
  /** Unix seconds. */
  readonly now: () => number;
  readonly log: Log;
}

export interface TextService extends AsyncDisposable {
  readonly endpoint: Endpoint;
}

/** A client that does not close its side is cut after this long. */
const lingerMs = 2000;
const limits = { total: 512, perAddress: 16 };

/** Faults: exists, denied, io. */
export async function serveText(how: TextServiceHow): Promise<Result<TextService>> {
  const overTcp = await serveTcp(how);
  if (!overTcp.ok || !how.udp) return overTcp;
  const { endpoint } = overTcp.value;
  const overUdp = await listenUdp(
    endpoint,
    (_datagram, ip) => (how.knows() && allows(how.access(), ip) ? said(how) : undefined),
    { log: how.log },
  );
  if (!overUdp.ok) {
    await overTcp.value[Symbol.asyncDispose]();
    return overUdp;
  }
  return ok({
    endpoint,
    async [Symbol.asyncDispose]() {
      await Promise.all([overTcp.value[Symbol.asyncDispose](), overUdp.value[Symbol.asyncDispose]()]);
    },
  });
}

/** TIME and Daytime as the configuration says, by name. Faults: exists, denied, io. */
export async function serveTexts(
  { time, daytime }: Pick<UtcdConfig, "time" | "daytime">,
  how: Pick<TextServiceHow, "access" | "knows" | "now" | "log">,
): Promise<Result<ReadonlyMap<string, TextService>>> {
  const services = new Map<string, TextService>();
  for (const [name, section, answer] of [
    ["time", time, timeAnswer],
    ["daytime", daytime, daytimeAnswer],
  ] as const) {
    if (!section.enabled) continue;
    const service = await serveText({ ...how, ...section, answer });
    if (service.ok) services.set(name, service.value);
    else {
      for (const begun of services.values()) await begun[Symbol.asyncDispose]();
      return service;
    }
  }
  return ok(services);
}

const said = (how: TextServiceHow): Uint8Array => how.answer(how.now());

async function serveTcp(how: TextServiceHow): Promise<Result<TextService>> {
  try {
    const listener = await listenTcp(
      how.listen,
      (socket) => {
        const cut = setTimeout(() => socket.destroy(), lingerMs);
        socket.once("close", () => clearTimeout(cut));
        socket.resume();
        if (how.knows()) socket.end(said(how));
        else socket.end();
        return { leave: () => socket.destroySoon() };
      },
      { limits, log: how.log },
    );
    return ok({ endpoint: listener.endpoint, [Symbol.asyncDispose]: () => listener.stop(1000) });
  } catch (cause) {
    return bindFault(cause as NodeJS.ErrnoException, how.listen);
  }
}

function bindFault(error: NodeJS.ErrnoException, { host, port }: Endpoint): Result<never> {
  const where = `tcp ${isIPv6(host) ? `[${host}]` : host}:${port}`;
  if (error.code === "EADDRINUSE") return fail("exists", "the port is in use", { where });
  if (error.code !== "EACCES") return fail("io", error.message, { where });
  const mend = "a port from 1024 up, or the capability CAP_NET_BIND_SERVICE";
  return fail("denied", "not permitted to listen", { where, mend });
}
