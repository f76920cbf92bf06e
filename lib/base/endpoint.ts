import { fail, ok, type Result } from "./result.ts";

/** Where a server listens or a client connects. */
export interface Endpoint {
  /** A name or address, IPv6 without brackets. "::" and "0.0.0.0" are every address. */
  readonly host: string;
  /** 0–65535; 0 asks the system for a free one. */
  readonly port: number;
}

/** "127.0.0.1:9000", "[::1]:9000". */
export function endpointText({ host, port }: Endpoint): string {
  return host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
}

/** Reads "192.0.2.1:21", "[::]:21", "localhost:21" and ":21" (every address). Faults: invalid. */
export function readEndpoint(text: string): Result<Endpoint> {
  const match = /^(?:\[([0-9a-fA-F:.%a-z]+)\]|([A-Za-z0-9._-]{1,253})|\*|):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) {
    return fail("invalid", "not an address and port", {
      where: text.slice(0, 100),
      mend: 'write it like "127.0.0.1:2121", "[::]:2121" or ":2121" (every address)',
    });
  }
  return ok({ host: match[1] ?? match[2] ?? "::", port });
}
