import { readBreakAck, writeBreakAck } from "../break.ts";
import { ask, reply, serving, whereOf, type Handler } from "../step.ts";

/** OPLOCK_BREAK from the client (MS-SMB2 §3.3.5.22): it has given up an oplock or a lease. */
export const serveBreakAck: Handler = serving(readBreakAck, (call, ack) =>
  ask({ kind: "break-ack", ...whereOf(call), ack, clientGuid: call.spoken!.clientGuid }, () =>
    reply((w) => writeBreakAck(w, ack)),
  ),
);
