import { connect, type TLSSocket } from "node:tls";
import { concat } from "../../lib/base/bytes.ts";
import { fail, type Result, ok } from "../../lib/base/result.ts";
import type { AssociationKeys } from "../../lib/proto/nts/cookie.ts";
import { keRequest, readKeReply, type KeReply } from "../../lib/proto/nts/client.ts";
import { exportKeys } from "./export-keys.ts";

export interface Established {
  readonly keys: AssociationKeys;
  readonly reply: KeReply;
}

const patienceMs = 8000;
const longestReply = 65_536;

/** Key establishment with a server (RFC 8915 §4). `ca`: PEM of authorities trusted beside none other; without
 *  it the system's. Faults: timeout, unauthenticated (the certificate), unavailable, invalid, unsupported. */
export function establishKeys(
  host: string,
  port: number,
  ca: string | undefined,
): Promise<Result<Established>> {
  return new Promise((resolve) => {
    const where = `${host} port ${port}`;
    const socket: TLSSocket = connect({
      host,
      port,
      ...(/^[\d.]+$|:/.test(host) ? {} : { servername: host }),
      ...(ca === undefined ? {} : { ca }),
      minVersion: "TLSv1.3",
      ALPNProtocols: ["ntske/1"],
    });
    const end = (result: Result<Established>): void => {
      clearTimeout(patience);
      socket.destroy();
      resolve(result);
    };
    const patience = setTimeout(() => end(fail("timeout", "no keys in time", { where })), patienceMs);
    const heard: Uint8Array[] = [];
    socket.on("secureConnect", () => {
      if (!socket.authorized) {
        const why = String(socket.authorizationError);
        end(fail("unauthenticated", `the certificate is not accepted: ${why}`, { where }));
      } else if (socket.alpnProtocol !== "ntske/1") end(fail("unsupported", "not an NTS server", { where }));
      else socket.write(keRequest());
    });
    socket.on("data", (bytes: Buffer) => {
      heard.push(bytes);
      const whole = concat(heard);
      const reply = readKeReply(whole);
      if (!reply && whole.length > longestReply) end(fail("invalid", "the reply has no end", { where }));
      else if (reply) end(withKeys(socket, reply));
    });
    socket.on("error", (error) => end(fail("unavailable", error.message, { where })));
    socket.on("close", () => end(fail("unavailable", "the server closed", { where })));
  });
}

function withKeys(socket: TLSSocket, reply: Result<KeReply>): Result<Established> {
  if (!reply.ok) return reply;
  const keys = exportKeys(socket, 15);
  return keys ? ok({ keys, reply: reply.value }) : fail("unavailable", "the keys cannot be exported");
}
