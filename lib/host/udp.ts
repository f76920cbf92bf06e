import { createSocket } from "node:dgram";
import { isIPv6 } from "node:net";
import { fail, ok, type Result } from "../base/result.ts";
import { parseIp, type Ip } from "../base/ip.ts";
import type { Log } from "../watch/log.ts";

export interface UdpEndpoint {
  /** An address of ours; "::" serves IPv4 too. */
  readonly host: string;
  /** 0 lets the system choose. */
  readonly port: number;
}

/** One datagram in, at most one out. Called on the event loop as it comes; a throw is a bug and is logged. */
export type DatagramAnswer = (datagram: Uint8Array, ip: Ip, port: number) => Uint8Array | undefined;

export interface UdpListener extends AsyncDisposable {
  readonly endpoint: UdpEndpoint;
}

/** Answers datagrams on the event loop: for every system, and for what needs no kernel stamps. An ICMP error
 *  of an earlier reply never ends it. Faults: exists (port in use), denied (privileged port), io. */
export function listenUdp(
  endpoint: UdpEndpoint,
  answer: DatagramAnswer,
  options: { readonly log: Log },
): Promise<Result<UdpListener>> {
  const type = isIPv6(endpoint.host) ? "udp6" : "udp4";
  const socket = createSocket({ type, ipv6Only: false });
  socket.on("message", (datagram, from) => {
    const ip = parseIp(from.address.split("%")[0]!);
    if (!ip) return;
    try {
      const reply = answer(datagram, ip, from.port);
      if (reply) socket.send(reply, from.port, from.address, () => {});
    } catch (cause) {
      options.log.error("a datagram's answer failed by a bug", { what: String(cause) });
    }
  });
  const close = (): Promise<void> => new Promise((yes) => socket.close(() => yes()));
  return new Promise((resolve) => {
    const refuse = (error: NodeJS.ErrnoException): void => {
      socket.close();
      resolve(bindFault(error, endpoint));
    };
    socket.once("error", refuse);
    socket.bind({ address: endpoint.host, port: endpoint.port, exclusive: true }, () => {
      socket.off("error", refuse);
      socket.on("error", (error) => options.log.debug("udp error passed over", { what: error.message }));
      const listener = {
        endpoint: { host: endpoint.host, port: socket.address().port },
        [Symbol.asyncDispose]: close,
      };
      resolve(ok(listener));
    });
  });
}

function bindFault(error: NodeJS.ErrnoException, { host, port }: UdpEndpoint): Result<never> {
  const where = `udp ${host.includes(":") ? `[${host}]` : host}:${port}`;
  if (error.code === "EADDRINUSE") return fail("exists", "the port is in use", { where });
  if (error.code === "EACCES" || error.code === "EPERM") {
    const mend = "a port from 1024 up, or the capability CAP_NET_BIND_SERVICE";
    return fail("denied", "not permitted to listen", { where, mend });
  }
  return fail("io", error.message, { where });
}
