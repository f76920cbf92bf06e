import { readCreateRequest, writeCreateResponse } from "../create.ts";
import { ask, reply, serving, whereOf, type Handler } from "../step.ts";

/** CREATE (MS-SMB2 §3.3.5.9). It may wait for another client to give up a lease. */
export const serveCreate: Handler = serving(readCreateRequest, (call, request) =>
  ask(
    {
      kind: "create",
      ...whereOf(call),
      request,
      clientGuid: call.spoken!.clientGuid,
      dialect: call.spoken!.dialect,
      signal: call.signal,
    },
    (facts, status) => reply((w) => writeCreateResponse(w, facts), { status, file: facts.file }),
    20,
  ),
);
