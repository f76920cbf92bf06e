import { isDirectoryClass } from "../directory-info.ts";
import { writeOutputBody } from "../output-body.ts";
import { queryFlag, readQueryDirectoryRequest } from "../query-directory.ts";
import { ntStatus } from "../status.ts";
import { ask, fileOf, paysFor, refuse, reply, serving, whereOf, type Handler } from "../step.ts";

/** QUERY_DIRECTORY (MS-SMB2 §3.3.5.18). */
export const serveQueryDirectory: Handler = serving(readQueryDirectoryRequest, (call, request) => {
  if (!paysFor(call, request.outputLength)) return refuse(ntStatus.invalidParameter);
  if (!isDirectoryClass(request.infoClass)) return refuse(ntStatus.invalidInfoClass);
  const file = fileOf(call, request.file);
  const flag = (bit: number): boolean => (request.flags & bit) !== 0;
  return ask(
    {
      kind: "list",
      ...whereOf(call),
      file,
      infoClass: request.infoClass,
      pattern: request.pattern,
      restart: flag(queryFlag.restart),
      reopen: flag(queryFlag.reopen),
      single: flag(queryFlag.single),
      limit: request.outputLength,
    },
    (bytes) => reply((w) => writeOutputBody(w, bytes), { file }),
  );
});
