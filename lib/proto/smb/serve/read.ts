import { readReadRequest, writeReadHead } from "../read.ts";
import { ntStatus } from "../status.ts";
import { ask, fileOf, paysFor, refuse, reply, serving, whereOf, type Handler } from "../step.ts";

/** READ (MS-SMB2 §3.3.5.12). */
export const serveRead: Handler = serving(readReadRequest, (call, request) => {
  if (!paysFor(call, request.length)) return refuse(ntStatus.invalidParameter);
  const file = fileOf(call, request.file);
  const { offset, length, minimum } = request;
  return ask({ kind: "read", ...whereOf(call), file, offset, length, minimum }, (data, status) =>
    reply((w) => writeReadHead(w, data.length), { status, file, tail: data }),
  );
});
