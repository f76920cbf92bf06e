/** Fetches one file by FTP several times over and throws the bytes away: a process of its own.
 *  Orders and tally are JSON, as in http-load.ts. */
import { connect, type Socket } from "node:net";
import { createInterface } from "node:readline";

export interface FtpOrders {
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly path: string;
  readonly times: number;
}

export interface FtpTally {
  readonly bytes: number;
  readonly seconds: number;
}

async function main(): Promise<void> {
  const { port, user, password, path, times } = (await Bun.stdin.json()) as FtpOrders;
  const control = connect(port, "127.0.0.1");
  const replies = createInterface({ input: control })[Symbol.asyncIterator]();
  const reply = async (): Promise<string> => {
    for (;;) {
      const { value, done } = await replies.next();
      if (done) throw new Error("the server has left");
      if (/^[45]/.test(value)) throw new Error(value);
      if (/^\d{3} /.test(value)) return value;
    }
  };
  const say = (line: string): Promise<string> => {
    control.write(`${line}\r\n`);
    return reply();
  };
  await reply();
  await say(`USER ${user}`);
  await say(`PASS ${password}`);
  await say("TYPE I");
  const started = performance.now();
  let bytes = 0;
  for (let i = 0; i < times; i++) {
    const passive = /\(\|\|\|(\d+)\|\)/.exec(await say("EPSV"))!;
    const data = connect(Number(passive[1]), "127.0.0.1");
    const counted = countBytes(data);
    await say(`RETR ${path}`); // 150
    bytes += await counted;
    await reply(); // 226
  }
  const tally: FtpTally = { bytes, seconds: (performance.now() - started) / 1000 };
  console.log(JSON.stringify(tally));
  control.end("QUIT\r\n");
}

function countBytes(data: Socket): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  let bytes = 0;
  data.on("data", (chunk: Buffer) => (bytes += chunk.length));
  data.once("end", () => resolve(bytes));
  data.once("error", reject);
  return promise;
}

export async function ftpLoad(orders: FtpOrders): Promise<FtpTally> {
  const child = Bun.spawn([process.execPath, import.meta.path], {
    stdin: new Blob([JSON.stringify(orders)]),
    stdout: "pipe",
    stderr: "inherit",
  });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("the load failed");
  return JSON.parse(text) as FtpTally;
}

if (import.meta.main) await main();
