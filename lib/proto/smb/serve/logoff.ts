import { readEmptyBody, writeEmptyBody } from "../empty-body.ts";
import type { SmbSession } from "../session.ts";
import { ask, reply, serving, type Handler } from "../step.ts";

/** LOGOFF (MS-SMB2 §3.3.5.6). `forget` runs before the answer; it is signed with the key that was. */
export const serveLogoff = (forget: (session: SmbSession) => void): Handler =>
  serving(readEmptyBody, (call) => {
    const session = call.session!;
    return ask({ kind: "sign-out", session: session.id }, () => {
      forget(session);
      return reply(writeEmptyBody, { signedBy: session });
    });
  });
