import { concat, lossyText, utf8 } from "../../base/bytes.ts";
import { Arguments, frameBytes, writeFrame, writeMethod } from "./frame.ts";

/** connection.start-ok (§1.4.2.2): client-properties, mechanism, response, locale. */
export const writeStartOk = (user: string, pass: string): Uint8Array =>
  writeMethod(
    0,
    "connection.start-ok",
    new Arguments().number(0, 4).short("PLAIN").long(`\0${user}\0${pass}`).short("en_US"),
  );

export interface Tune {
  readonly channels: number;
  /** 0: no limit. */
  readonly frameBytes: number;
}

/** connection.tune (§1.4.2.5): channel-max, frame-max, heartbeat. */
export function readTune(args: Uint8Array): Tune | undefined {
  if (args.length < 8) return undefined;
  const view = new DataView(args.buffer, args.byteOffset, args.length);
  return { channels: view.getUint16(0), frameBytes: view.getUint32(2) };
}

/** Our own bounds, and no heartbeats: a connection is used at once or made anew. */
export function writeTuneOk(tune: Tune): Uint8Array {
  const most = tune.frameBytes === 0 ? frameBytes : Math.min(tune.frameBytes, frameBytes);
  return writeMethod(0, "connection.tune-ok", new Arguments().number(1, 2).number(most, 4).number(0, 2));
}

/** connection.open (§1.4.2.7): virtual host. */
export const writeOpen = (vhost: string): Uint8Array =>
  writeMethod(0, "connection.open", new Arguments().short(vhost).short("").number(0, 1));

export const writeChannelOpen = (): Uint8Array => writeMethod(1, "channel.open", new Arguments().short(""));
export const writeConfirmSelect = (): Uint8Array =>
  writeMethod(1, "confirm.select", new Arguments().number(0, 1));
export const writeCloseOk = (): Uint8Array => writeMethod(0, "connection.close-ok", new Arguments());
/** connection.close: 200, goodbye. */
export const writeClose = (): Uint8Array =>
  writeMethod(0, "connection.close", new Arguments().number(200, 2).short("done").number(0, 2).number(0, 2));

/** basic.publish (§1.8.3.6), mandatory, with its header and its body: JSON, persistent (delivery mode 2). */
export function writePublish(exchange: string, key: string, body: string, tune: Tune): Uint8Array {
  const bytes = utf8(body);
  const mandatory = 1;
  const method = new Arguments().number(0, 2).short(exchange).short(key).number(mandatory, 1);
  // Properties (§4.2.6.1): bit 15 content-type, bit 12 delivery-mode.
  const header = new Arguments().number(60, 2).number(0, 2).number(bytes.length, 8);
  header.number(0x9000, 2).short("application/json").number(2, 1);
  const most = (tune.frameBytes === 0 ? frameBytes : Math.min(tune.frameBytes, frameBytes)) - 8;
  const frames = [writeMethod(1, "basic.publish", method), writeFrame("header", 1, header.bytes())];
  for (let at = 0; at < bytes.length; at += most) {
    frames.push(writeFrame("body", 1, bytes.subarray(at, at + most)));
  }
  return concat(frames);
}

/** Reply code and text of connection.close, channel.close and basic.return. */
export function readReason(args: Uint8Array): { code: number; text: string } {
  if (args.length < 3) return { code: 0, text: "" };
  const code = args[0]! * 256 + args[1]!;
  return { code, text: lossyText(args.subarray(3, 3 + args[2]!)) };
}
