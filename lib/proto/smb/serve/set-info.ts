import { decode } from "../../../wire/decode.ts";
import { infoType } from "../query-info.ts";
import { readSetFile } from "../set-file.ts";
import { readSetInfoRequest } from "../set-info.ts";
import { ntStatus } from "../status.ts";
import { ask, fileOf, paysFor, refuse, reply, serving, whereOf, type Handler } from "../step.ts";

/** SET_INFO (MS-SMB2 §3.3.5.21). */
export const serveSetInfo: Handler = serving(readSetInfoRequest, (call, request) => {
  if (!paysFor(call, request.data.length)) return refuse(ntStatus.invalidParameter);
  const file = fileOf(call, request.file);
  const finish = () => reply((w) => w.u16le(2), { file });
  const { type, data, additional: parts } = request;
  if (type === infoType.security) {
    return ask({ kind: "set-security", ...whereOf(call), file, parts, descriptor: data }, finish);
  }
  if (type !== infoType.file) return refuse(ntStatus.notSupported);
  const read = readSetFile(request.infoClass);
  if (!read) return refuse(ntStatus.invalidInfoClass);
  const change = decode(read, data);
  if (!change.ok) return refuse(ntStatus.infoLengthMismatch);
  return ask({ kind: "set-file", ...whereOf(call), file, change: change.value }, finish);
});
