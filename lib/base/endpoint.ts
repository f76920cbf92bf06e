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
