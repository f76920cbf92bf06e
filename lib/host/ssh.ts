import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { AuthContext, Channel, Connection, Session } from "ssh2";
import type { Log } from "../watch/log.ts";
import { plainAddress, type Served } from "./tcp.ts";

/** Who asks to come in. */
export interface Login {
  readonly name: string;
  readonly address: string;
  /** Ends the connection. */
  readonly hangUp: () => void;
}

/** What the door behind the transport decides. None of these rejects. */
export interface SshHooks<Guest> {
  /** Undefined: refused, for whatever reason. */
  password(login: Login, password: string): Promise<Guest | undefined>;
  /** Asks questions, one after another; undefined: refused. An answer is undefined where none came. */
  interactive(
    login: Login,
    ask: (question: string) => Promise<string | undefined>,
  ): Promise<Guest | undefined>;
  /** Whether this public key (RFC 4253 §6.6, base64) may sign in for the name. */
  mayUseKey(login: Login, key: string): Promise<boolean>;
  /** Called once the key's owner has proved that it is theirs. */
  keyProved(login: Login): Promise<Guest | undefined>;
  /** Serves a channel; undefined: refused. */
  channel(guest: Guest, asked: ChannelAsk, stream: SshStream): Served | undefined;
  /** Somebody who was let in has gone. */
  left(guest: Guest): void;
}

export type ChannelAsk = { readonly subsystem: string } | { readonly exec: string };

/** The channel's bytes; `exit` tells the status, before the end. */
export type SshStream = Duplex & { exit(status: number): void };

export interface SshOptions {
  readonly hostKeys: readonly string[];
  /** From connecting to having signed in. */
  readonly loginMs: number;
  readonly log: Log;
}

const maxTries = 6;
const maxChannels = 10;
const methods = ["publickey", "password", "keyboard-interactive"];

/** What is offered, the best first: no SHA-1, no CBC, no compression; chacha20 is not to be had here. The
 *  older name of curve25519 stands first because ssh2 loses the packet of a client that guessed right
 *  (RFC 4253 §7.1): dropbear guesses the newer name, finds that wrong, and says it again. */
const algorithms = {
  kex: [
    "curve25519-sha256@libssh.org",
    "curve25519-sha256",
    "ecdh-sha2-nistp256",
    "ecdh-sha2-nistp384",
    "ecdh-sha2-nistp521",
    "diffie-hellman-group-exchange-sha256",
    "diffie-hellman-group16-sha512",
    "diffie-hellman-group14-sha256",
  ],
  cipher: ["aes256-gcm@openssh.com", "aes128-gcm@openssh.com", "aes256-ctr", "aes192-ctr", "aes128-ctr"],
  hmac: ["hmac-sha2-256-etm@openssh.com", "hmac-sha2-512-etm@openssh.com", "hmac-sha2-256", "hmac-sha2-512"],
  compress: ["none"],
} as const;

/** Makes a server of SSH connections (RFC 4251–4254, by ssh2) of accepted sockets. ssh2 is loaded when the
 *  first of them comes: it takes 60 ms and 20 MB. */
export function sshAcceptor<Guest>(hooks: SshHooks<Guest>, options: SshOptions): (socket: Socket) => Served {
  const waiting = new WeakMap<Socket, (connection: Connection) => void>();
  const config = { hostKeys: options.hostKeys, ident: "Holdfast", algorithms };
  const make = async () => {
    const { default: ssh2 } = await import("ssh2");
    return new ssh2.Server(config, (connection) => waiting.get(connection._sock)?.(connection));
  };
  let server: ReturnType<typeof make> | undefined;
  const begin = async (socket: Socket): Promise<void> => {
    const made = await (server ??= make());
    if (socket.destroyed) return;
    watchBanner(socket);
    made.injectSocket(socket);
  };
  return (socket) => {
    const guard = new ConnectionGuard(socket, hooks, options);
    waiting.set(socket, (connection) => guard.begin(connection));
    begin(socket).catch((error: unknown) => {
      options.log.error("SSH cannot be served", { what: String(error) });
      socket.destroy();
    });
    return guard;
  };
}

/** One SSH connection: who it is, and which channels it has. */
class ConnectionGuard<Guest> implements Served {
  readonly #socket: Socket;
  readonly #hooks: SshHooks<Guest>;
  readonly #log: Log;
  readonly #address: string;
  readonly #patience: NodeJS.Timeout;
  readonly #channels = new Set<Served>();
  #connection: Connection | undefined;
  #name: string | undefined;
  #tries = 0;
  #guest: Guest | undefined;

  constructor(socket: Socket, hooks: SshHooks<Guest>, options: SshOptions) {
    this.#socket = socket;
    this.#hooks = hooks;
    this.#log = options.log;
    this.#address = plainAddress(socket.remoteAddress ?? "");
    this.#patience = setTimeout(() => socket.destroy(), options.loginMs);
    socket.once("close", () => {
      clearTimeout(this.#patience);
      if (this.#guest !== undefined) hooks.left(this.#guest);
    });
  }

  begin(connection: Connection): void {
    this.#connection = connection;
    connection.on("error", (error) => {
      this.#log.debug("ssh connection ended", { what: error.message, peer: this.#address });
      this.#socket.destroy();
    });
    connection.on("authentication", (context) => void this.#authenticate(context));
    connection.on("ready", () => clearTimeout(this.#patience));
    connection.on("session", (accept, reject) => {
      if (this.#guest === undefined || this.#channels.size >= maxChannels) reject?.();
      else this.#session(accept());
    });
  }

  leave(): void {
    for (const channel of this.#channels) channel.leave();
    if (this.#connection) this.#connection.end();
    else this.#socket.destroy();
  }

  async #authenticate(context: AuthContext): Promise<void> {
    const { username: name } = context;
    this.#name ??= name;
    const tooMany = context.method !== "none" && ++this.#tries > maxTries;
    if (name !== this.#name || tooMany || this.#guest !== undefined) return this.leave();
    const login = { name, address: this.#address, hangUp: () => this.leave() };
    const guest = await this.#proof(context, login);
    if (this.#socket.destroyed) {
      if (guest !== undefined && guest !== "go on") this.#hooks.left(guest);
      return undefined;
    }
    if (guest === "go on") return undefined;
    if (guest === undefined) return context.reject(methods);
    this.#guest = guest;
    return context.accept();
  }

  /** The guest; undefined: refused; "go on": the answer is already on its way. */
  async #proof(context: AuthContext, login: Login): Promise<Guest | "go on" | undefined> {
    if (context.method === "password") return await this.#hooks.password(login, context.password);
    if (context.method === "publickey") return await this.#keyProof(context, login);
    if (context.method !== "keyboard-interactive") return undefined;
    return await this.#hooks.interactive(login, (question) => askPerson(context, question));
  }

  /** Only the key that signed is looked at, never one that was merely asked about (CVE-2024-45337). */
  async #keyProof(context: AuthContext, login: Login): Promise<Guest | "go on" | undefined> {
    const { algo, data } = context.key;
    const isSha1 = algo === "ssh-rsa" && context.hashAlgo !== "sha256" && context.hashAlgo !== "sha512";
    const text = Buffer.from(data).toString("base64");
    if (!(await this.#hooks.mayUseKey(login, text))) return undefined;
    if (!context.signature) {
      context.accept();
      return "go on";
    }
    const { default: ssh2 } = await import("ssh2");
    const key = ssh2.utils.parseKey(`${algo} ${text}`);
    if (isSha1 || key instanceof Error) return undefined;
    const proved = key.verify(context.blob, context.signature, context.hashAlgo);
    return proved === true ? await this.#hooks.keyProved(login) : undefined;
  }

  #session(session: Session): void {
    session.on("subsystem", (accept, reject, { name }) => this.#serve(accept, reject, { subsystem: name }));
    session.on("exec", (accept, reject, { command }) => this.#serve(accept, reject, { exec: command }));
  }

  #serve(accept: () => Channel, reject: () => void, asked: ChannelAsk): void {
    if ("subsystem" in asked && asked.subsystem !== "sftp") return reject();
    const stream = accept();
    stream.on("error", () => stream.destroy());
    const served = this.#hooks.channel(this.#guest!, asked, stream);
    if (!served) {
      stream.exit(127);
      stream.end();
      return undefined;
    }
    this.#channels.add(served);
    stream.once("close", () => this.#channels.delete(served));
    return undefined;
  }
}

/** RFC 4253 §4.2: the first line has at most 255 bytes; ssh2 would wait for eight thousand. */
function watchBanner(socket: Socket): void {
  let seen = 0;
  const look = (bytes: Uint8Array): void => {
    const end = bytes.indexOf(0x0a);
    seen += end < 0 ? bytes.length : end + 1;
    if (end >= 0 || seen > 255) socket.off("data", look);
    if (seen > 255) socket.destroy();
  };
  socket.on("data", look);
}

/** RFC 4256 §3.2: one question, its answer not to be shown. */
function askPerson(context: AuthContext, prompt: string): Promise<string | undefined> {
  return new Promise((yes) => {
    context.prompt([{ prompt, echo: false }], "", "", (answers) =>
      yes(Array.isArray(answers) ? (answers as readonly string[])[0] : undefined),
    );
  });
}
