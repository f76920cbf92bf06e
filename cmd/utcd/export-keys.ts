import type { TLSSocket } from "node:tls";
import type { AssociationKeys } from "../../lib/proto/nts/cookie.ts";
import { bodyOf, nextProtocolNtp } from "../../lib/proto/nts/record.ts";

/** RFC 8915 §5.1: both directions' keys from the TLS exporter, each under a context of its own. */
export function exportKeys(tls: TLSSocket, aead: number): AssociationKeys | undefined {
  const key = (direction: number): Uint8Array =>
    tls.exportKeyingMaterial(
      32,
      "EXPORTER-network-time-security",
      Buffer.from([...bodyOf(nextProtocolNtp, aead), direction]),
    );
  try {
    return { aead, c2s: key(0), s2c: key(1) };
  } catch {
    return undefined; // the connection is gone
  }
}
