/** A thread that asks servers for the time: it blocks in the kernel, and so sees the kernel's stamps. */
import { fail } from "../../lib/base/result.ts";
import { QuerySockets, type Answered } from "../../lib/host/platform/query-socket.ts";

export interface QueryJob {
  readonly id: number;
  readonly ip: Uint8Array;
  readonly port: number;
  readonly question: Uint8Array;
}

declare const self: {
  addEventListener(kind: "message", take: (message: { data: QueryJob }) => void): void;
  postMessage(message: Answered): void;
};

const patienceMs = 1000;
/** A new question waits at most so long while others wait for their answers. */
const turnMs = 20;

const sockets = QuerySockets.open();
const state = { turning: false };

self.addEventListener("message", ({ data: { id, ip, port, question } }) => {
  // RFC 5905: the reply's origin (24) is the request's transmit (40), or, interleaved, its receive (32).
  // Whoever
  // did not see it cannot know it.
  const answers = (datagram: Uint8Array, at: number): boolean =>
    question.subarray(at, at + 8).every((byte, i) => datagram[24 + i] === byte);
  const isInterleaving = question.subarray(32, 40).some((byte) => byte !== 0);
  const isReply = (datagram: Uint8Array): boolean =>
    datagram.length >= 48 && (answers(datagram, 40) || (isInterleaving && answers(datagram, 32)));
  if (!sockets) {
    self.postMessage({ id, result: fail("unsupported", "this system has no kernel stamps") });
    return;
  }
  const refused = sockets.ask({ id, ip, port, bytes: question, patienceMs, isReply });
  if (refused) self.postMessage(refused);
  else if (!state.turning) void turn(sockets);
});

async function turn(sockets: QuerySockets): Promise<void> {
  state.turning = true;
  while (sockets.waiting > 0) {
    for (const answered of sockets.wait(turnMs)) self.postMessage(answered);
    await new Promise<void>((yes) => setImmediate(yes)); // where new questions come in
  }
  state.turning = false;
}
