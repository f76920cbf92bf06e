import { expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { once } from "node:events";
import { ipText } from "../../base/ip.ts";
import { must } from "../../base/result.ts";
import { DatagramSocket } from "./datagram-socket.ts";

const onLinux = test.if(process.platform === "linux");

/** Sends `text`, lets the socket echo it, and gives back what came to the sender. */
async function echo(socket: DatagramSocket<string>, to: string, text: string) {
  const client = createSocket(to.includes(":") ? "udp6" : "udp4");
  const answered = once(client, "message") as Promise<[Buffer, { address: string; port: number }]>;
  await new Promise<void>((yes) => client.send(text, socket.port, to, () => yes()));
  const before = Date.now();
  expect(socket.receive()).toBe(1);
  const seen = {
    text: Buffer.from(socket.datagram(0)).toString(),
    ip: ipText(socket.ip(0)),
    port: socket.portOf(0),
    age: before - (socket.stamp(0)!.seconds * 1000 + socket.stamp(0)!.nanoseconds / 1e6),
  };
  expect(seen.port).toBe(client.address().port);
  socket.reply(0, socket.datagram(0));
  socket.send();
  const [bytes, from] = await answered;
  client.close();
  return { seen, back: bytes.toString(), from };
}

onLinux("an echo on ::, asked over IPv4 and IPv6, leaves from the address that was asked", async () => {
  const socket = must(DatagramSocket.open<string>({ host: "::", port: 0 }));
  try {
    const four = await echo(socket, "127.0.0.7", "four");
    expect(four).toMatchObject({ back: "four", from: { address: "127.0.0.7", port: socket.port } });
    expect(four.seen).toMatchObject({ text: "four", ip: "127.0.0.1" });
    expect(Math.abs(four.seen.age)).toBeLessThan(1000);
    const six = await echo(socket, "::1", "six");
    expect(six).toMatchObject({ back: "six", from: { address: "::1" }, seen: { ip: "::1" } });
  } finally {
    socket.close();
  }
});

onLinux("the same on IPv4 alone", async () => {
  const socket = must(DatagramSocket.open<string>({ host: "0.0.0.0", port: 0, dscp: 46 }));
  try {
    expect(await echo(socket, "127.0.0.9", "x")).toMatchObject({ back: "x", from: { address: "127.0.0.9" } });
  } finally {
    socket.close();
  }
});

onLinux("an ICMP port-unreachable is not an end: the next client is answered", async () => {
  const socket = must(DatagramSocket.open<string>({ host: "127.0.0.1", port: 0 }));
  try {
    for (let i = 0; i < 50; i++) {
      const gone = createSocket("udp4");
      await new Promise<void>((yes) => gone.send("x", socket.port, "127.0.0.1", () => yes()));
      await new Promise<void>((yes) => gone.close(() => yes()));
      if (socket.receive() === 1) socket.reply(0, socket.datagram(0));
      socket.send();
    }
    for (let i = 0; i < 3 && socket.receive() > 0; i++);
    expect((await echo(socket, "127.0.0.1", "still here")).back).toBe("still here");
  } finally {
    socket.close();
  }
});

onLinux("a port in use, an address that is not ours and nonsense are faults that say so", () => {
  const first = must(DatagramSocket.open<string>({ host: "127.0.0.1", port: 0 }));
  const faultOf = (host: string, port: number): string => {
    const opened = DatagramSocket.open<string>({ host, port });
    return opened.ok ? "opened" : opened.fault.code;
  };
  expect(faultOf("127.0.0.1", first.port)).toBe("exists");
  expect(faultOf("192.0.2.77", 0)).toBe("not-found");
  expect(faultOf("nonsense", 0)).toBe("invalid");
  first.close();
});

onLinux("sockets that share a port are both served", () => {
  const first = must(DatagramSocket.open<string>({ host: "127.0.0.1", port: 0, share: true }));
  const second = must(DatagramSocket.open<string>({ host: "127.0.0.1", port: first.port, share: true }));
  expect(second.port).toBe(first.port);
  first.close();
  second.close();
});

onLinux("the kernel tells when a reply truly left, for those that ask", async () => {
  for (const host of ["127.0.0.1", "::"]) {
    const socket = must(DatagramSocket.open<string>({ host, port: 0 }));
    const sent = new Map<string, number>();
    for (const name of ["first", undefined, "second"]) {
      const client = createSocket("udp4");
      await new Promise<void>((yes) => client.send("x", socket.port, "127.0.0.1", () => yes()));
      expect(socket.receive()).toBe(1);
      socket.reply(0, socket.datagram(0), name);
      socket.send();
      socket.eachSent((told, at) => sent.set(told, at.seconds * 1000 + at.nanoseconds / 1e6));
      client.close();
    }
    socket.close();
    expect([...sent.keys()]).toEqual(["first", "second"]);
    for (const at of sent.values()) expect(Math.abs(Date.now() - at)).toBeLessThan(2000);
  }
});
