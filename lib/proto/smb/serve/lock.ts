import { writeEmptyBody } from "../empty-body.ts";
import { readLockRequest } from "../lock.ts";
import { ntStatus } from "../status.ts";
import { ask, fileOf, refuse, reply, serving, whereOf, type Handler } from "../step.ts";

/** LOCK (MS-SMB2 §3.3.5.14). It may wait for another to unlock. */
export const serveLock: Handler = serving(readLockRequest, (call, request) => {
  if (request.elements.length === 0) return refuse(ntStatus.invalidParameter);
  const file = fileOf(call, request.file);
  const { elements, sequence: lockSequence } = request;
  return ask(
    { kind: "lock", ...whereOf(call), file, elements, lockSequence, signal: call.signal },
    () => reply(writeEmptyBody, { file }),
    5,
  );
});
