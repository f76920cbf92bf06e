import type { Dialled } from "../../../lib/host/dial.ts";
import { passes, readReply, writeCommand, type Reply } from "../../../lib/proto/redis/resp.ts";
import { HeldLine } from "./held-line.ts";
import { passOf, placeOf, plainAt, refused, sent, unreachable, userOf } from "./target.ts";
import type { Address, Delivery, EventTarget } from "./target.ts";

/** Appends each event to a list (RPUSH), adds it to a stream (XADD), or publishes it on a channel, which
 *  keeps nothing for who is not listening. The URL's path names it; options: `mode=list|stream|channel`,
 *  `db=N`, `ca=`. */
export function redisTarget(address: Address): EventTarget {
  const { options, name } = address;
  const place = placeOf(address);
  const mode = options.get("mode") ?? "list";
  const words = (body: string): string[] => {
    if (mode === "stream") return ["XADD", place, "*", "event", body];
    return [mode === "channel" ? "PUBLISH" : "RPUSH", place, body];
  };
  const how = { port: 6379, tls: address.url.protocol === "rediss:" };
  const line = new HeldLine(address, how, (opened) => greet(opened, address));
  return {
    name,
    kind: "redis",
    at: plainAt(address),
    send: (body) => line.use(async (open) => judged(await command(open, words(body)))),
    [Symbol.dispose]: () => line[Symbol.dispose](),
  };
}

async function greet(line: Dialled, address: Address): Promise<Delivery | undefined> {
  const [user, pass] = [userOf(address), passOf(address)];
  const db = address.options.get("db");
  const words: string[][] = [];
  if (pass !== "") words.push(user === "" ? ["AUTH", pass] : ["AUTH", user, pass]);
  if (db !== null) words.push(["SELECT", db]);
  for (const one of words) {
    const reply = await command(line, one);
    if (!reply.ok) return unreachable(`${one[0]} was refused`);
  }
  return undefined;
}

function command(line: Dialled, words: readonly string[]): Promise<Reply> {
  line.send(writeCommand(words));
  return line.take(readReply);
}

const judged = (reply: Reply): Delivery =>
  reply.ok ? sent : passes(reply.text) ? unreachable(reply.text) : refused(reply.text);
