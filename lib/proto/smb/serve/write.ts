import { ntStatus } from "../status.ts";
import { ask, fileOf, paysFor, refuse, reply, serving, whereOf, type Handler } from "../step.ts";
import { readWriteRequest, writeFlag, writeWriteResponse } from "../write.ts";

/** WRITE (MS-SMB2 §3.3.5.13). */
export const serveWrite: Handler = serving(readWriteRequest, (call, request) => {
  if (!paysFor(call, request.data.length)) return refuse(ntStatus.invalidParameter);
  const file = fileOf(call, request.file);
  const through = (request.flags & writeFlag.through) !== 0;
  const { offset, data } = request;
  return ask({ kind: "write", ...whereOf(call), file, offset, data, through }, ({ count }) =>
    reply((w) => writeWriteResponse(w, { count }), { file }),
  );
});
