/** A load of ready-made HTTP/1.1 requests over kept-alive connections: a process of its own, so that its work
 *  is not counted as the server's. Reads its orders as JSON on standard input, writes its tally as JSON. */

export interface LoadOrders {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  /** Stop asking after this long, or after so many requests, whichever is first. */
  readonly seconds: number;
  readonly requests?: number;
  /** Heads of requests, and the body that each of them has; each connection begins at a place of its own. */
  readonly heads: readonly string[];
  readonly bodyBytes: number;
  /** Answer statuses that count as success. */
  readonly expect: number;
}

export interface LoadTally {
  readonly answers: number;
  readonly bodyBytes: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
}

interface Client {
  next: number;
  sentAt: number;
  /** Bytes of the present answer still to come; undefined while its head is read. */
  missing: number | undefined;
  head: string;
  bare: boolean;
  /** Of the present request. */
  unsent: Uint8Array | undefined;
}

async function main(): Promise<void> {
  const orders = (await Bun.stdin.json()) as LoadOrders;
  const { heads } = orders;
  const body = Buffer.alloc(orders.bodyBytes, "holdfast");
  const delays: number[] = [];
  let answers = 0;
  let bodyBytes = 0;
  let asked = 0;
  let open = orders.connections;
  const started = performance.now();
  const finished = Promise.withResolvers<void>();

  type Socket = Bun.Socket<Client>;
  const ask = (socket: Socket): void => {
    const over =
      performance.now() - started >= orders.seconds * 1000 || asked >= (orders.requests ?? Infinity);
    if (over) return void socket.end();
    asked++;
    const client = socket.data;
    client.sentAt = performance.now();
    const head = Buffer.from(heads[client.next++ % heads.length]!, "latin1");
    const message = body.length > 0 ? Buffer.concat([head, body]) : head;
    client.bare = message[0] === 0x48; // "HEAD": its answer tells of a length that does not come
    client.unsent = message;
    send(socket);
  };
  const send = (socket: Socket): void => {
    const { unsent } = socket.data;
    if (!unsent) return;
    const taken = Math.max(0, socket.write(unsent));
    socket.data.unsent = taken === unsent.length ? undefined : unsent.subarray(taken);
  };
  const answered = (socket: Socket): void => {
    answers++;
    delays.push(performance.now() - socket.data.sentAt);
    socket.data.missing = undefined;
    ask(socket);
  };
  const readHead = (socket: Socket, chunk: Buffer): void => {
    const client = socket.data;
    client.head += chunk.toString("latin1");
    const end = client.head.indexOf("\r\n\r\n");
    if (end < 0) return;
    const status = Number(client.head.slice(9, 12));
    if (status !== orders.expect) fail(client.head.slice(0, 2000));
    const length = client.bare ? 0 : Number(/\r\ncontent-length: (\d+)/i.exec(client.head)?.[1] ?? 0);
    const rest = client.head.length - end - 4;
    client.head = "";
    bodyBytes += rest;
    client.missing = length - rest;
    if (client.missing === 0) answered(socket);
  };

  for (let i = 0; i < orders.connections; i++) {
    await Bun.connect<Client>({
      hostname: orders.host,
      port: orders.port,
      data: {
        next: Math.floor((i * heads.length) / orders.connections),
        sentAt: 0,
        missing: undefined,
        head: "",
        bare: false,
        unsent: undefined,
      },
      socket: {
        open: ask,
        drain: send,
        data(socket, chunk) {
          if (socket.data.missing === undefined) return readHead(socket, chunk);
          bodyBytes += chunk.length;
          socket.data.missing -= chunk.length;
          if (socket.data.missing === 0) answered(socket);
        },
        close() {
          if (--open === 0) finished.resolve();
        },
        error(_socket, error) {
          fail(String(error));
        },
      },
    });
  }
  await finished.promise;
  delays.sort((a, b) => a - b);
  const at = (share: number): number => delays[Math.floor((delays.length - 1) * share)] ?? 0;
  const seconds = (performance.now() - started) / 1000;
  const tally: LoadTally = { answers, bodyBytes, seconds, p50: at(0.5), p99: at(0.99) };
  console.log(JSON.stringify(tally));
}

function fail(what: string): never {
  console.error(`load: ${what}`);
  process.exit(1);
}

/** Runs the orders in a process of their own. */
export async function load(orders: LoadOrders): Promise<LoadTally> {
  const child = Bun.spawn([process.execPath, import.meta.path], {
    stdin: new Blob([JSON.stringify(orders)]),
    stdout: "pipe",
    stderr: "inherit",
  });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("the load failed");
  return JSON.parse(text) as LoadTally;
}

if (import.meta.main) await main();
