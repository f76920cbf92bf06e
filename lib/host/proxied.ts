import { isIPv6, type Socket } from "node:net";
import { concat } from "../base/bytes.ts";
import { readProxyHeader, type ProxiedEnds } from "./proxy-header.ts";

/** How long a load balancer may take to say who calls. */
const headerMs = 5000;

/** Reads the PROXY header that a trusted balancer sends first, and gives the socket the caller's addresses:
 *  whoever asks it from then on learns those. Resolves to false, the socket destroyed, where none came. */
export function unwrapProxied(socket: Socket): Promise<boolean> {
  return new Promise((yes) => {
    let held: Uint8Array = new Uint8Array(0);
    const done = (good: boolean): void => {
      clearTimeout(patience);
      socket.off("data", take);
      socket.off("close", gone);
      if (!good) socket.destroy();
      yes(good);
    };
    const gone = (): void => done(false);
    const take = (chunk: Uint8Array): void => {
      held = held.length === 0 ? chunk : concat([held, chunk]);
      const header = readProxyHeader(held);
      if (header.is === "more") return;
      if (header.is === "malformed") return done(false);
      socket.pause();
      if (header.ends) readdress(socket, header.ends);
      const rest = held.subarray(header.length);
      done(true);
      if (rest.length > 0) socket.unshift(rest);
    };
    const patience = setTimeout(() => done(false), headerMs);
    socket.on("data", take);
    socket.once("close", gone);
  });
}

function readdress(socket: Socket, { from, fromPort, to, toPort }: ProxiedEnds): void {
  const family = isIPv6(from) ? "IPv6" : "IPv4";
  const told = {
    remoteAddress: from,
    remotePort: fromPort,
    remoteFamily: family,
    proxiedTo: `${to} ${toPort}`,
  };
  for (const [name, value] of Object.entries(told)) Object.defineProperty(socket, name, { value });
}
