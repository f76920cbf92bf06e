import { writeEmptyBody } from "../empty-body.ts";
import { readFlushRequest } from "../flush.ts";
import { ask, fileOf, reply, serving, whereOf, type Handler } from "../step.ts";

/** FLUSH (MS-SMB2 §3.3.5.11). */
export const serveFlush: Handler = serving(readFlushRequest, (call, request) => {
  const file = fileOf(call, request.file);
  return ask({ kind: "flush", ...whereOf(call), file }, () => reply(writeEmptyBody, { file }));
});
