import type { Socket } from "node:net";
import {
  createSecureContext,
  TLSSocket,
  type SecureContext,
  type SecureVersion,
  type TLSSocketOptions,
} from "node:tls";
import { TlsPipe } from "./tls-pipe.ts";

/** What a server shows of itself, and what it accepts. */
export interface TlsIdentity {
  /** PEM. */
  readonly key: string;
  /** PEM: the certificate and what stands between it and its root. */
  readonly cert: string;
  readonly minVersion?: SecureVersion;
  /** PEM of the authority of client certificates; they are asked for when set. */
  readonly clientCa?: string;
}

/** The identity in use; `swap` changes it for handshakes that come after (renewal, reload). */
export class TlsKeeper {
  #identity: TlsIdentity;

  constructor(identity: TlsIdentity) {
    this.#identity = identity;
  }

  swap(identity: TlsIdentity): void {
    this.#identity = identity;
  }

  /** Another certificate, all else the same. */
  withOwn(cert: string, key: string): TlsKeeper {
    return new TlsKeeper({ ...this.#identity, cert, key });
  }

  get asksClients(): boolean {
    return this.#identity.clientCa !== undefined;
  }

  /** A context of one's own: its tickets resume only sessions that began with this same context. */
  context(): SecureContext {
    const { key, cert, minVersion, clientCa } = this.#identity;
    return createSecureContext({
      key,
      cert,
      minVersion: minVersion ?? "TLSv1.2",
      ...(clientCa === undefined ? {} : { ca: clientCa }),
    });
  }
}

export interface UpgradeOptions {
  /** How long the handshake may take; the socket is destroyed when it is over. */
  readonly handshakeMs: number;
  readonly asksClient?: boolean;
  /** Another context, for who asks for a host by name (SNI). */
  readonly contextFor?: (serverName: string) => SecureContext;
  /** The only protocol a client that names any may name (RFC 7301). */
  readonly protocol?: string;
}

/** Begins TLS on an accepted socket. The plain socket must have no `data` listener left; what it is told
 *  from now on is ciphertext. Either way of failing destroys both. */
export function upgrade(socket: Socket, context: SecureContext, options: UpgradeOptions): TLSSocket {
  const settings = settingsOf(context, options);
  return guarded(
    new TLSSocket(socket.readableLength > 0 ? pipeOf(socket) : socket, settings),
    socket,
    options,
  );
}

/** The names of people in the certificate that a client has shown and proved: its common name and e-mail
 *  addresses. None where it showed none, or one that nobody here believes. */
export function certifiedNames(secure: TLSSocket): string[] {
  if (!secure.authorized) return [];
  const { subject, subjectaltname = "" } = secure.getPeerCertificate();
  const mails = subjectaltname.split(", ").filter((name) => name.startsWith("email:"));
  const common = (subject as { CN?: string | string[] } | undefined)?.CN ?? [];
  return [common, mails.map((name) => name.slice("email:".length))].flat(2);
}

/** TLS that can end while the connection goes on in clear (RFC 4217 §6, CCC). */
export interface Detachable {
  readonly secure: TLSSocket;
  /** Ends TLS on both sides; resolves to the plain socket, its first clear bytes ready. */
  detach(): Promise<Socket>;
}

/** As `upgrade`, at the cost of some speed. */
export function upgradeDetachable(
  socket: Socket,
  context: SecureContext,
  options: UpgradeOptions,
): Detachable {
  const pipe = new TlsPipe(socket);
  const secure = guarded(new TLSSocket(pipe, settingsOf(context, options)), socket, options);
  return {
    secure,
    async detach() {
      const left = pipe.leave();
      secure.end();
      secure.resume();
      await left;
      return socket;
    },
  };
}

const pipeOf = (socket: Socket): Socket => new TlsPipe(socket) as unknown as Socket;

function settingsOf(
  context: SecureContext,
  options: UpgradeOptions,
): TLSSocketOptions & { allowHalfOpen: boolean } {
  return {
    isServer: true,
    secureContext: context,
    requestCert: options.asksClient ?? false,
    rejectUnauthorized: false,
    allowHalfOpen: true,
    ...(options.contextFor
      ? { SNICallback: (name: string, give: GiveContext) => give(null, options.contextFor!(name)) }
      : {}),
    ...(options.protocol === undefined ? {} : { ALPNProtocols: [options.protocol] }),
  };
}

type GiveContext = (error: Error | null, context: SecureContext) => void;

function guarded(secure: TLSSocket, socket: Socket, options: UpgradeOptions): TLSSocket {
  const cut = (): void => {
    secure.destroy();
    socket.destroy();
  };
  // The plain socket says "close" as soon as the client says close_notify: nothing may hang on that here.
  const patience = setTimeout(cut, options.handshakeMs);
  secure.once("secure", () => clearTimeout(patience));
  secure.once("close", () => clearTimeout(patience));
  secure.on("error", cut);
  return secure;
}
