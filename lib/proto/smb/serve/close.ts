import { readCloseRequest, writeCloseResponse } from "../close.ts";
import { ask, fileOf, reply, serving, whereOf, type Handler } from "../step.ts";

/** CLOSE (MS-SMB2 §3.3.5.10). */
export const serveClose: Handler = serving(readCloseRequest, (call, request) => {
  const file = fileOf(call, request.file);
  return ask({ kind: "close", ...whereOf(call), file, wantsBasics: request.wantsBasics }, (basics) =>
    reply((w) => writeCloseResponse(w, basics), { file }),
  );
});
