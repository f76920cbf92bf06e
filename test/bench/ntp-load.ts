/** A load of NTP requests over loopback, many a system call, so that the generator is not what is measured: a
 *  process of its own. Orders as JSON on standard input, the tally as JSON on standard output. Linux only. */
import { dlopen, ptr } from "bun:ffi";

export interface NtpOrders {
  readonly port: number;
  readonly seconds: number;
  /** Requests under way at once. */
  readonly window: number;
  /** The request, base64. */
  readonly request: string;
}

export interface NtpTally {
  readonly answers: number;
  readonly asked: number;
  readonly seconds: number;
}

const batch = 64;
const room = 2048;

function main(orders: NtpOrders): NtpTally {
  const c = dlopen("libc.so.6", {
    socket: { args: ["i32", "i32", "i32"], returns: "i32" },
    connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
    setsockopt: { args: ["i32", "i32", "i32", "ptr", "u32"], returns: "i32" },
    recvmmsg: { args: ["i32", "ptr", "u32", "i32", "ptr"], returns: "i32" },
    sendmmsg: { args: ["i32", "ptr", "u32", "i32"], returns: "i32" },
  }).symbols;
  const fd = c.socket(2, 2, 0);
  const name = new DataView(new ArrayBuffer(16));
  name.setUint16(0, 2, true);
  name.setUint16(2, orders.port);
  name.setUint32(4, 0x7f000001);
  c.connect(fd, ptr(name.buffer), 16);
  const timeout = new DataView(new ArrayBuffer(16));
  timeout.setBigInt64(8, 20_000n, true);
  c.setsockopt(fd, 1, 20, ptr(timeout.buffer), 16);
  const request = Buffer.from(orders.request, "base64");
  const [out, come] = [messages(request.length, request), messages(room)];

  let [asked, answers, open] = [0, 0, 0];
  const started = performance.now();
  while (performance.now() - started < orders.seconds * 1000) {
    while (open + batch <= orders.window) {
      const sent = c.sendmmsg(fd, out.headers, batch, 0);
      if (sent <= 0) break;
      asked += sent;
      open += sent;
    }
    const got = c.recvmmsg(fd, come.headers, batch, 0x10000, null);
    if (got > 0) {
      answers += got;
      open -= got;
    } else open = 0; // what is under way for 20 ms is lost
  }
  return { answers, asked, seconds: (performance.now() - started) / 1000 };
}

function messages(size: number, content?: Uint8Array) {
  const payloads = new ArrayBuffer(batch * size);
  const vectors = new ArrayBuffer(batch * 16);
  const headers = new ArrayBuffer(batch * 64);
  const base = [ptr(payloads), ptr(vectors)].map(BigInt) as [bigint, bigint];
  for (let i = 0; i < batch; i++) {
    if (content) new Uint8Array(payloads).set(content, i * size);
    new DataView(vectors).setBigUint64(i * 16, base[0] + BigInt(i * size), true);
    new DataView(vectors).setBigUint64(i * 16 + 8, BigInt(size), true);
    new DataView(headers).setBigUint64(i * 64 + 16, base[1] + BigInt(i * 16), true);
    new DataView(headers).setBigUint64(i * 64 + 24, 1n, true);
  }
  return { headers: ptr(headers), keep: [payloads, vectors, headers] };
}

/** Runs the orders in a process of their own, on the last processor where there are several. */
export async function ntpLoad(orders: NtpOrders): Promise<NtpTally> {
  const child = Bun.spawn(["taskset", "-c", "1", process.execPath, import.meta.path], {
    stdin: new Blob([JSON.stringify(orders)]),
    stdout: "pipe",
    stderr: "inherit",
  });
  const text = await new Response(child.stdout).text();
  if ((await child.exited) !== 0) throw new Error("the load failed");
  return JSON.parse(text) as NtpTally;
}

if (import.meta.main) console.log(JSON.stringify(main((await Bun.stdin.json()) as NtpOrders)));
