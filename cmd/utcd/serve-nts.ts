import type { Socket } from "node:net";
import { createSecureContext, type SecureContext, type TLSSocket } from "node:tls";
import type { Endpoint } from "../../lib/base/endpoint.ts";
import type { Entropy } from "../../lib/base/entropy.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import type { Clock } from "../../lib/base/time.ts";
import { converse } from "../../lib/host/conversation.ts";
import { listenTcp, type Served } from "../../lib/host/tcp.ts";
import { upgrade } from "../../lib/host/tls.ts";
import { CookieJar, type CookieSecret } from "../../lib/proto/nts/cookie.ts";
import { KeSession, type KeAnswer, type KeAsk, type KeOffer } from "../../lib/proto/nts/key-establishment.ts";
import type { Log } from "../../lib/watch/log.ts";
import type { UtcdConfig } from "./config.ts";
import { exportKeys } from "./export-keys.ts";
import { ntsIdentity } from "./nts-identity.ts";

export interface NtsHow {
  readonly listen: Endpoint;
  /** PEM. */
  readonly key: string;
  readonly cert: string;
  /** Refuse clients without the hybrid post-quantum key exchange. */
  readonly requirePostQuantum: boolean;
  readonly offer: KeOffer;
  readonly secret: CookieSecret;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly log: Log;
}

export interface NtsService extends AsyncDisposable {
  readonly endpoint: Endpoint;
}

/** As the configuration says; undefined where NTS is off. Faults: as of `serveNts`, and of its identity. */
export async function serveNtsOf(
  nts: UtcdConfig["nts"],
  secret: CookieSecret | undefined,
  house: Pick<NtsHow, "clock" | "entropy" | "log"> & { readonly data: string; readonly ntpPort: number },
): Promise<Result<NtsService | undefined>> {
  if (!secret) return ok(undefined);
  const identity = await ntsIdentity(nts, house.data);
  if (!identity.ok) return identity;
  const offer = { server: nts.server, port: house.ntpPort };
  return serveNts({ ...nts, ...identity.value, ...house, offer, secret });
}

const limits = { total: 1024, perAddress: 32 };
const handshakeMs = 2000;
const hybrid = "X25519MLKEM768";

/** NTS key establishment (RFC 8915 §4) over TLS 1.3. Faults: exists, denied, io. */
export async function serveNts(how: NtsHow): Promise<Result<NtsService>> {
  const context = createSecureContext({
    key: how.key,
    cert: how.cert,
    minVersion: "TLSv1.3",
    ecdhCurve: how.requirePostQuantum ? hybrid : `${hybrid}:X25519:P-256`,
  });
  const jar = new CookieJar(how.secret, how.entropy);
  try {
    const listener = await listenTcp(how.listen, (socket) => accept(socket, context, jar, how), {
      limits,
      log: how.log,
    });
    return ok({ endpoint: listener.endpoint, [Symbol.asyncDispose]: () => listener.stop(1000) });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const where = `tcp ${how.listen.host} port ${how.listen.port}`;
    if (code === "EADDRINUSE") return fail("exists", "the port is in use", { where });
    return fail(code === "EACCES" ? "denied" : "io", message, { where });
  }
}

function accept(socket: Socket, context: SecureContext, jar: CookieJar, how: NtsHow): Served {
  const tls = upgrade(socket, context, { handshakeMs, protocol: "ntske/1" });
  let served: Served | undefined;
  tls.once("secure", () => {
    if (tls.alpnProtocol === "ntske/1") served = begin(tls, jar, how);
    else socket.destroy();
  });
  return { leave: () => (served ? served.leave() : void socket.destroy()) };
}

function begin(tls: TLSSocket, jar: CookieJar, how: NtsHow): Served {
  const { clock, log } = how;
  const session = new KeSession(how.offer, clock.now());
  const perform = async ({ aead, cookies }: KeAsk): Promise<KeAnswer> => {
    const keys = exportKeys(tls, aead);
    if (!keys) return undefined;
    return Array.from({ length: cookies }, () => jar.seal(keys, clock.wall() / 1000));
  };
  return converse(tls, { session, perform, ended: () => {} }, { clock, log, stallMs: handshakeMs });
}
