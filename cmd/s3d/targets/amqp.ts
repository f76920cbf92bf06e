import type { Dialled } from "../../../lib/host/dial.ts";
import { protocolHeader, readFrame, readMethod, type MethodName } from "../../../lib/proto/amqp/frame.ts";
import {
  readReason,
  readTune,
  writeChannelOpen,
  writeCloseOk,
  writeConfirmSelect,
  writeOpen,
  writePublish,
  writeStartOk,
  writeTuneOk,
  type Tune,
} from "../../../lib/proto/amqp/publish.ts";
import { HeldLine } from "./held-line.ts";
import { passOf, placeOf, plainAt, refused, sent, unreachable, userOf } from "./target.ts";
import type { Address, Delivery, EventTarget } from "./target.ts";

/** Publishes each event, persistent and mandatory, and waits for the broker's confirm. The URL's path is the
 *  virtual host; options: `exchange=` (default: the default exchange), `key=` (the routing key; with the
 *  default exchange a queue's name), `ca=`. A message that no queue takes is a refusal. */
export function amqpTarget(address: Address): EventTarget {
  const { name, options, url } = address;
  const exchange = options.get("exchange") ?? "";
  const key = options.get("key") ?? "";
  const held: { tune: Tune } = { tune: { channels: 1, frameBytes: 4096 } };
  const line = new HeldLine(address, { port: 5672, tls: url.protocol === "amqps:" }, async (open) => {
    held.tune = await greet(open, address);
    return undefined;
  });
  return {
    name,
    kind: "amqp",
    at: plainAt(address),
    send: (body) =>
      line.use(async (open) => {
        open.send(writePublish(exchange, key, body, held.tune));
        return await confirmed(open);
      }),
    [Symbol.dispose]: () => line[Symbol.dispose](),
  };
}

async function greet(line: Dialled, address: Address): Promise<Tune> {
  const vhost = placeOf(address);
  line.send(protocolHeader);
  await expect(line, "connection.start");
  line.send(writeStartOk(userOf(address) || "guest", passOf(address) || "guest"));
  const tune = readTune(await expect(line, "connection.tune"));
  if (!tune) throw new Error("not an AMQP server");
  line.send(writeTuneOk(tune));
  line.send(writeOpen(vhost === "" ? "/" : vhost));
  await expect(line, "connection.open-ok");
  line.send(writeChannelOpen());
  await expect(line, "channel.open-ok");
  line.send(writeConfirmSelect());
  await expect(line, "confirm.select-ok");
  return tune;
}

async function expect(line: Dialled, wanted: MethodName): Promise<Uint8Array> {
  for (;;) {
    const { name, args } = await next(line);
    if (name === wanted) return args;
    if (name === "connection.close" || name === "channel.close") {
      throw new Error(`the broker closed: ${readReason(args).text}`);
    }
  }
}

/** A returned message is confirmed too, after its return: so a return is a refusal. */
async function confirmed(line: Dialled): Promise<Delivery> {
  let returned: string | undefined;
  for (;;) {
    const { name, args } = await next(line);
    if (name === "basic.return") returned = `returned: ${readReason(args).text}`;
    if (name === "basic.ack") return returned === undefined ? sent : refused(returned);
    if (name === "basic.nack") return unreachable("the broker could not keep it");
    if (name === "channel.close") return refused(`the channel was closed: ${readReason(args).text}`);
    if (name === "connection.close") {
      line.send(writeCloseOk());
      return unreachable(`the broker closed: ${readReason(args).text}`);
    }
  }
}

async function next(line: Dialled): Promise<ReturnType<typeof readMethod>> {
  for (;;) {
    const frame = await line.take(readFrame);
    if (frame.type === "garbage") throw new Error("not an AMQP server");
    // A returned message comes back with its header and body.
    if (frame.type === "method") return readMethod(frame);
  }
}
