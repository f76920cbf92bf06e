import type { Dialled } from "../../../lib/host/dial.ts";
import {
  readSaid,
  writeConnect,
  writePing,
  writePong,
  writePublish,
  writeSubscribe,
  type NatsSaid,
} from "../../../lib/proto/nats/text.ts";
import { HeldLine } from "./held-line.ts";
import { passOf, placeOf, plainAt, refused, sent, unreachable, userOf } from "./target.ts";
import type { Address, Delivery, EventTarget } from "./target.ts";

/** Publishes each event on a subject, the URL's path. Taken means: the server has it (its PONG came back).
 *  With the option `jetstream` a stream must have stored it. Options: `jetstream`, `ca=`. */
export function natsTarget(address: Address, inbox: string): EventTarget {
  const { name, options, url } = address;
  const subject = placeOf(address);
  const stored = options.has("jetstream");
  const line = new HeldLine(address, { port: 4222, tls: url.protocol === "tls:" }, async (open) => {
    const greeted = await greet(open, address);
    if (stored && !greeted) open.send(writeSubscribe(inbox, 1));
    return greeted;
  });
  return {
    name,
    kind: "nats",
    at: plainAt(address),
    send: (body) =>
      line.use(async (open) => {
        open.send(writePublish(subject, stored ? inbox : undefined, body));
        open.send(writePing());
        return await confirmed(open, stored);
      }),
    [Symbol.dispose]: () => line[Symbol.dispose](),
  };
}

async function greet(line: Dialled, address: Address): Promise<Delivery | undefined> {
  const info = await line.take(readSaid);
  if (info.kind !== "info") return unreachable("not a NATS server");
  if (info.tls && address.url.protocol !== "tls:") return unreachable("it asks for TLS first");
  const [user, pass] = [userOf(address), passOf(address)];
  line.send(writeConnect(user === "" ? {} : pass === "" ? { token: user } : { user, pass }));
  for (;;) {
    const said = await next(line);
    if (said.kind === "pong") return undefined;
    if (said.kind === "error") return unreachable(said.text);
  }
}

/** Waits for the PONG and, where a stream is to store it, for the stream's word. */
async function confirmed(line: Dialled, stored: boolean): Promise<Delivery> {
  for (let [pong, kept] = [false, !stored]; !pong || !kept;) {
    const said = await next(line);
    if (said.kind === "error") return refused(said.text);
    if (said.kind === "pong") pong = true;
    if (said.kind !== "message") continue;
    if (said.status === "503") return unreachable("no stream takes this subject");
    if (/"error"\s*:/.test(said.body)) return unreachable("the stream did not store it");
    kept = true;
  }
  return sent;
}

/** What the server says next, its own PINGs answered. */
async function next(line: Dialled): Promise<NatsSaid> {
  for (;;) {
    const said = await line.take(readSaid);
    if (said.kind === "garbage") throw new Error("not a NATS server");
    if (said.kind !== "ping") return said;
    line.send(writePong());
  }
}
