import { connect, type Socket } from "node:net";

/** A raw FTP client: lines out, replies in, with whatever manners a test wants. */
export class FtpCaller {
  readonly socket: Socket;
  heard = "";
  closed = false;
  readonly #host: string;

  constructor(port: number, host = "127.0.0.1") {
    this.#host = host;
    this.socket = connect({ port, host });
    this.socket.on("data", (bytes) => (this.heard += bytes.toString("latin1")));
    this.socket.on("error", () => {});
    this.socket.on("close", () => (this.closed = true));
  }

  say(text: string | Uint8Array): this {
    this.socket.write(text);
    return this;
  }

  async until(holds: () => boolean, within = 8000): Promise<this> {
    for (const end = performance.now() + within; !holds(); await Bun.sleep(2)) {
      if (performance.now() > end) throw new Error(`waited in vain; heard ${this.heard.slice(-300)}`);
    }
    return this;
  }

  /** The codes of all whole replies that were not yet taken. */
  get codes(): string {
    return [...this.heard.matchAll(/^(\d{3}) /gm)].map((match) => match[1]).join(" ");
  }

  /** Says one line and gives the reply to it, all its lines. */
  async ask(line: string | Uint8Array): Promise<string> {
    this.heard = "";
    this.say(line).say("\r\n");
    await this.until(() => /^\d{3} .*\r\n$/m.test(this.heard) || this.closed);
    return this.heard;
  }

  /** The code of the reply to one line; 0 where the connection was closed without one. */
  async code(line: string | Uint8Array): Promise<number> {
    const reply = await this.ask(line);
    return Number(/^(\d{3}) /m.exec(reply)?.[1] ?? 0);
  }

  async greeted(): Promise<this> {
    return await this.until(() => this.heard.startsWith("220 "));
  }

  async signIn(user: string, password: string): Promise<this> {
    await this.greeted();
    await this.ask(`USER ${user}`);
    const said = await this.ask(`PASS ${password}`);
    if (!said.startsWith("230")) throw new Error(`not signed in: ${said}`);
    await this.ask("TYPE I");
    return this;
  }

  async passive(): Promise<Socket> {
    const port = Number(/\|\|\|(\d+)\|/.exec(await this.ask("EPSV"))![1]);
    const data = connect({ port, host: this.#host });
    data.on("error", () => {});
    return data;
  }

  async stored(line: string, body: string | Uint8Array): Promise<string> {
    const data = await this.passive();
    this.heard = "";
    this.say(`${line}\r\n`);
    data.end(body);
    await this.until(() => /^(?:226|[45]\d\d) /m.test(this.heard));
    data.destroy();
    return this.codes;
  }

  async fetched(line: string): Promise<{ codes: string; body: Buffer }> {
    const data = await this.passive();
    const chunks: Buffer[] = [];
    data.on("data", (chunk: Buffer) => chunks.push(chunk));
    const ended = new Promise((yes) => data.once("close", yes));
    this.heard = "";
    this.say(`${line}\r\n`);
    await this.until(() => /^(?:226|[45]\d\d) /m.test(this.heard));
    if (!this.codes.startsWith("150")) data.destroy();
    await ended;
    return { codes: this.codes, body: Buffer.concat(chunks) };
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}
