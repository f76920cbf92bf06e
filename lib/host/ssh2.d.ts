/** What we use of ssh2 1.17.0, and nothing more. */
declare module "ssh2" {
  import type { EventEmitter } from "node:events";
  import type { Socket } from "node:net";
  import type { Duplex } from "node:stream";

  export interface Channel extends Duplex {
    exit(status: number): void;
    readonly stderr: { write(text: string): void };
  }
  type Accept<T> = () => T;
  type Reject = () => void;

  export interface Session extends EventEmitter {
    on(event: "subsystem", run: (yes: Accept<Channel>, no: Reject, info: { name: string }) => void): this;
    on(event: "exec", run: (yes: Accept<Channel>, no: Reject, info: { command: string }) => void): this;
  }

  export interface AuthContext extends EventEmitter {
    readonly username: string;
    readonly method: "none" | "password" | "publickey" | "keyboard-interactive" | "hostbased";
    readonly password: string;
    readonly key: { readonly algo: string; readonly data: Uint8Array };
    readonly signature: Uint8Array | undefined;
    readonly blob: Uint8Array;
    readonly hashAlgo: string | undefined;
    accept(): void;
    reject(methods?: readonly string[]): void;
    prompt(
      prompts: { prompt: string; echo: boolean }[],
      title: string,
      instructions: string,
      then: (answers: readonly string[] | Error | undefined) => void,
    ): void;
  }

  export interface Connection extends EventEmitter {
    readonly _sock: Socket;
    on(event: "authentication", run: (context: AuthContext) => void): this;
    on(event: "ready" | "close" | "end", run: () => void): this;
    on(event: "error", run: (error: Error) => void): this;
    on(event: "session", run: (yes: Accept<Session>, no: Reject) => void): this;
    end(): void;
  }

  export interface Key {
    verify(data: Uint8Array, signature: Uint8Array, hash?: string): boolean | Error;
  }

  export interface ServerConfig {
    hostKeys: readonly string[];
    ident?: string;
    algorithms?: Partial<Record<"kex" | "cipher" | "hmac" | "compress" | "serverHostKey", readonly string[]>>;
  }

  /** For tests that play an unruly client. */
  export interface Client extends EventEmitter {
    connect(options: object): this;
    end(): void;
    subsys(name: string, then: (error: Error | undefined, channel: Channel) => void): this;
    exec(command: string, then: (error: Error | undefined, channel: Channel) => void): this;
    shell(then: (error: Error | undefined, channel: Channel) => void): this;
    forwardOut(
      from: string,
      fromPort: number,
      to: string,
      toPort: number,
      then: (error: Error | undefined) => void,
    ): this;
    forwardIn(address: string, port: number, then: (error: Error | undefined) => void): this;
  }

  interface Ssh2 {
    Client: new () => Client;
    Server: new (
      config: ServerConfig,
      onConnection: (connection: Connection) => void,
    ) => {
      injectSocket(socket: Socket): void;
    };
    utils: {
      parseKey(text: string): Key | Error;
      generateKeyPairSync(
        kind: "ed25519" | "ecdsa",
        options?: { bits?: number; comment?: string },
      ): { private: string; public: string };
    };
  }
  const ssh2: Ssh2;
  export default ssh2;
}
