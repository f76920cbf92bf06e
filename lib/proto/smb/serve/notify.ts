import { notifyBytes, readNotifyRequest } from "../notify.ts";
import { writeOutputBody } from "../output-body.ts";
import { ntStatus } from "../status.ts";
import { ask, fileOf, paysFor, refuse, reply, serving, whereOf, type Handler } from "../step.ts";

/** CHANGE_NOTIFY (MS-SMB2 §3.3.5.19). It waits until something changes. */
export const serveNotify: Handler = serving(readNotifyRequest, (call, request) => {
  if (!paysFor(call, request.outputLength)) return refuse(ntStatus.invalidParameter);
  const file = fileOf(call, request.file);
  const { tree: whole, filter, outputLength: limit } = request;
  return ask(
    { kind: "notify", ...whereOf(call), file, whole, filter, limit, signal: call.signal },
    (events, status) => {
      const bytes = notifyBytes(events);
      if (bytes.length > limit) return refuse(ntStatus.notifyEnumDir);
      return reply((w) => writeOutputBody(w, bytes), { status, file });
    },
    2,
  );
});
