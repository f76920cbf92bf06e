import { Writer } from "../../../wire/writer.ts";
import { Acceptor } from "../../spnego/acceptor.ts";
import { fileTime } from "../filetime.ts";
import { cipher, securityMode } from "../negotiate.ts";
import type { SmbAmbience, SmbSettings } from "../negotiation.ts";
import type { SmbSession } from "../session.ts";
import {
  bindingFlag,
  readSessionSetupRequest,
  sessionFlag,
  writeSessionSetupResponse,
  type SessionSetupRequest,
} from "../session-setup.ts";
import { ntStatus } from "../status.ts";
import { ask, refuse, reply, serving, type Call, type Handler, type Step } from "../step.ts";

/** What the sign-in needs of the connection it happens on. */
export interface SignInHost {
  readonly settings: SmbSettings;
  readonly ambience: SmbAmbience;
  /** A session that nobody has signed in to yet, or undefined where there are too many. */
  newSession(): SmbSession | undefined;
  forget(session: SmbSession): void;
}

/** SESSION_SETUP (MS-SMB2 §3.3.5.5): one step of signing in, or of signing in anew. */
export const serveSessionSetup = (host: SignInHost): Handler =>
  serving(readSessionSetupRequest, (call, request) => {
    if ((request.flags & bindingFlag) !== 0) return refuse(ntStatus.requestNotAccepted);
    const session = call.header.sessionId === 0n ? host.newSession() : call.session;
    if (!session) {
      const tooMany = call.header.sessionId === 0n;
      return refuse(tooMany ? ntStatus.insufficientResources : ntStatus.userSessionDeleted);
    }
    session.hash(call.element);
    session.acceptor ??= new Acceptor(
      host.settings.name,
      host.ambience.entropy(8),
      timeBytes(fileTime(host.ambience.wall())),
    );
    return step(host, call, request, session, session.acceptor);
  });

function step(
  host: SignInHost,
  call: Call,
  request: SessionSetupRequest,
  session: SmbSession,
  acceptor: Acceptor,
): Step {
  const accepted = acceptor.accept(request.token);
  if (accepted.kind === "continue") {
    return reply((w) => writeSessionSetupResponse(w, { flags: 0, token: accepted.token }), {
      status: ntStatus.moreProcessingRequired,
      sessionId: session.id,
      after: (sent) => session.hash(sent),
    });
  }
  session.acceptor = undefined;
  if (accepted.kind === "refused") {
    return failed(host, session, accepted.malformed ? ntStatus.invalidParameter : ntStatus.logonFailure);
  }
  const { proof } = accepted;
  const again = session.isValid;
  const signIn = ask(
    { kind: "sign-in", session: session.id, proof, previous: request.previous, again },
    ({ key }) => {
      const token = acceptor.complete(key);
      if (!token) return failed(host, session, ntStatus.logonFailure);
      if (!again) session.begin(call.spoken!, key);
      session.mustSign = host.settings.requireSigning || wantsSigning(call, request);
      session.encrypt = host.settings.encrypt && call.spoken!.cipher !== cipher.none;
      const flags = session.encrypt ? sessionFlag.encrypt : 0;
      return reply((w) => writeSessionSetupResponse(w, { flags, token }), {
        sessionId: session.id,
        signedBy: session,
      });
    },
  );
  return {
    ...signIn,
    next: (answer) => (answer.ok ? signIn.next(answer) : failed(host, session, answer.status)),
  };
}

const wantsSigning = (call: Call, request: SessionSetupRequest): boolean =>
  ((request.securityMode | call.spoken!.clientSecurityMode) & securityMode.required) !== 0;

/** A failed sign-in ends its session, also one that was there before it (MS-SMB2 §3.3.5.5.3). */
function failed(host: SignInHost, session: SmbSession, status: number): Step {
  const end = (): Step => {
    host.forget(session);
    return { ...refuse(status), sessionId: session.id, signedBy: session };
  };
  return ask({ kind: "sign-out", session: session.id }, end);
}

function timeBytes(time: bigint): Uint8Array {
  const w = new Writer(8);
  w.u64le(time);
  return w.take();
}
