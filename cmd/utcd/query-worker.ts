/** A thread that asks servers for the time: it blocks until each has answered, and so sees the kernel's
 *  stamps. */
import { fail, type Result } from "../../lib/base/result.ts";
import { openQuerySocket, type Asked } from "../../lib/host/platform/query-socket.ts";

export interface QueryJob {
  readonly id: number;
  readonly ip: Uint8Array;
  readonly port: number;
  readonly question: Uint8Array;
}

export interface QueryDone {
  readonly id: number;
  readonly result: Result<Asked>;
}

declare const self: {
  addEventListener(kind: "message", take: (message: { data: QueryJob }) => void): void;
  postMessage(message: QueryDone): void;
};

const patienceMs = 1000;
const socket = openQuerySocket();

self.addEventListener("message", ({ data: { id, ip, port, question } }) => {
  // RFC 5905: the reply's origin (24) is the request's transmit (40). Whoever did not see it cannot know it.
  const isReply = (datagram: Uint8Array): boolean =>
    datagram.length >= 48 && question.subarray(40, 48).every((byte, i) => datagram[24 + i] === byte);
  const result = socket
    ? socket.ask(ip, port, question, isReply, patienceMs)
    : fail("unsupported", "this system has no kernel stamps");
  self.postMessage({ id, result });
});
