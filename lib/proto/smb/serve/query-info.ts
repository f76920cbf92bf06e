import { Writer } from "../../../wire/writer.ts";
import { fileInfo, streamInfo, type InfoBytes } from "../file-info.ts";
import { dialect } from "../negotiate.ts";
import { writeOutputBody } from "../output-body.ts";
import { infoType, readQueryInfoRequest, type QueryInfoRequest } from "../query-info.ts";
import { ntStatus } from "../status.ts";
import {
  ask,
  fileOf,
  paysFor,
  refuse,
  reply,
  serving,
  whereOf,
  type Call,
  type Handler,
  type Step,
} from "../step.ts";
import { volumeInfo } from "../volume-info.ts";
import type { FileId } from "../header.ts";

const streamClass = 22;
const eaClass = 15;
const normalizedNameClass = 48;

/** QUERY_INFO (MS-SMB2 §3.3.5.20). */
export const serveQueryInfo: Handler = serving(readQueryInfoRequest, (call, request) => {
  if (!paysFor(call, Math.max(request.outputLength, request.input.length)))
    return refuse(ntStatus.invalidParameter);
  const file = fileOf(call, request.file);
  if (request.type === infoType.file) return ofFile(call, request, file);
  if (request.type === infoType.security) return ofSecurity(call, request, file);
  if (request.type === infoType.quota) return refuse(ntStatus.notSupported);
  if (request.type !== infoType.filesystem) return refuse(ntStatus.invalidParameter);
  return ask({ kind: "query-volume", ...whereOf(call), file }, (facts) =>
    sized(volumeInfo(request.infoClass, facts), request, file),
  );
});

function ofFile(call: Call, request: QueryInfoRequest, file: FileId): Step {
  if (request.infoClass === normalizedNameClass && call.spoken!.dialect < dialect.smb311)
    return refuse(ntStatus.notSupported);
  if (request.infoClass === streamClass) {
    return ask({ kind: "query-streams", ...whereOf(call), file }, (streams) =>
      sized(streamInfo(streams), request, file),
    );
  }
  if (request.infoClass === eaClass) {
    return ask({ kind: "query-ea", ...whereOf(call), file, names: request.input }, (bytes) =>
      sized({ bytes, fixed: 0 }, request, file),
    );
  }
  return ask({ kind: "query-file", ...whereOf(call), file, infoClass: request.infoClass }, (facts) =>
    sized(fileInfo(request.infoClass, facts), request, file),
  );
}

function ofSecurity(call: Call, request: QueryInfoRequest, file: FileId): Step {
  return ask({ kind: "query-security", ...whereOf(call), file, parts: request.additional }, (bytes) => {
    if (bytes.length > request.outputLength) {
      const needed = new Writer(4);
      needed.u32le(bytes.length);
      return refuse(ntStatus.bufferTooSmall, needed.take());
    }
    return reply((w) => writeOutputBody(w, bytes), { file });
  });
}

/** MS-SMB2 §3.3.5.20.1: too small for the fixed part is an error, for what varies a cut. */
function sized(info: InfoBytes | undefined, request: QueryInfoRequest, file: FileId): Step {
  if (!info) return refuse(ntStatus.invalidInfoClass);
  const { bytes, fixed } = info;
  if (request.outputLength < fixed) return refuse(ntStatus.infoLengthMismatch);
  const fits = bytes.length <= request.outputLength;
  return reply((w) => writeOutputBody(w, bytes.subarray(0, request.outputLength)), {
    file,
    status: fits ? ntStatus.success : ntStatus.bufferOverflow,
  });
}
