import { textOf } from "../../base/bytes.ts";
import { fail, type Result } from "../../base/result.ts";
import { parsePath, root, type Path } from "../../base/path.ts";
import type { Effect } from "../../base/session.ts";
import type { UnixMs } from "../../base/time.ts";
import type { Fault } from "../../base/fault.ts";
import type { Account, FtpAsk } from "./asks.ts";
import { defaultFacts, type FactName } from "./facts.ts";
import { isListable } from "./listing.ts";
import { faultText, replyBytes, replyFor, replyLines } from "./replies.ts";

/** What the service allows; the same for all its connections. */
export interface FtpPolicy {
  readonly greeting: string;
  /** "off": AUTH is unknown; "required": nobody signs in without it. */
  readonly tls: "off" | "optional" | "required";
  /** "optional": whom their certificate names needs no password; "required": others are not let in. */
  readonly clientCertificates: "off" | "optional" | "required";
  /** Whether data may move in clear on a secured connection. */
  readonly clearData: boolean;
  /** Whether a secured control connection may go on in clear (CCC). */
  readonly clearControl: boolean;
  /** Whether data may be compressed on the way (MODE Z). */
  readonly compression: boolean;
  /** Whether a client may name another host's address for data (FXP). */
  readonly siteToSite: boolean;
  /** A silent client is told goodbye. */
  readonly idleMs: number;
  /** From connecting to having signed in. */
  readonly loginMs: number;
  readonly loginTries: number;
  /** The most that HASH and its like read through. */
  readonly digestBytes: number;
  /** Wall time, for listings. */
  readonly wall: () => UnixMs;
}

/** Who called. */
export interface Peer {
  readonly address: string;
  /** TLS began before the first byte (implicit FTPS). */
  readonly secured: boolean;
}

export type Stage = "expect-user" | "expect-password" | "expect-command";

/** What one control connection remembers between commands. */
export class Control {
  readonly policy: FtpPolicy;
  readonly peer: Peer;
  readonly #out: Effect<FtpAsk>[] = [];

  stage: Stage = "expect-user";
  user = "";
  account: Account | undefined;
  failedLogins = 0;
  cwd: Path = root;
  ascii = true;
  /** MODE Z, and how hard zlib tries. */
  deflated = false;
  deflateLevel = 6;
  /** Where the next RETR or STOR begins. */
  restart = 0;
  /** RANG's, for the next RETR or HASH. */
  range: { readonly from: number; readonly until: number } | undefined;
  renameFrom: Path | undefined;
  copyFrom: Path | undefined;
  hashName = "SHA-256";
  /** After EPSV ALL every other way to a data connection is closed (RFC 2428 §4). */
  extendedOnly = false;
  secured: boolean;
  /** CCC ended TLS here: how data is protected stays as it is. */
  cleared = false;
  protectionSized = false;
  /** PROT P. */
  privateData: boolean;
  facts: readonly FactName[] = defaultFacts;
  idleMs: number;
  transfer: Transfer | undefined;

  constructor(policy: FtpPolicy, peer: Peer) {
    this.policy = policy;
    this.peer = peer;
    this.secured = peer.secured;
    this.privateData = peer.secured;
    this.protectionSized = peer.secured;
    this.idleMs = policy.idleMs;
  }

  reply(code: number, text: string): undefined {
    this.emit({ do: "send", bytes: replyBytes(code, text) });
  }

  replyLines(code: number, first: string, middle: readonly string[], last: string): undefined {
    this.emit({ do: "send", bytes: replyLines(code, first, middle, last) });
  }

  /** Answers with a fault in FTP's words; `code` where this command calls it otherwise. */
  refuse(fault: Fault, code: number = replyFor[fault.code]): undefined {
    this.reply(code, faultText(fault));
  }

  emit(effect: Effect<FtpAsk>): undefined {
    this.#out.push(effect);
  }

  take(): Effect<FtpAsk> | undefined {
    return this.#out.shift();
  }

  /** A path as the client wrote it, from where it stands. Faults: bad-name. */
  pathOf(argument: string): Result<Path> {
    const path = parsePath(argument, this.cwd);
    if (path.ok && !path.value.every(isListable)) return fail("bad-name", "the name cannot be listed");
    return path;
  }

  /** AUTH and REIN: everything a former client said is forgotten (RFC 4217 §4, RFC 959 §4.1.1). */
  forget(): void {
    this.stage = "expect-user";
    this.user = "";
    this.account = undefined;
    this.cwd = root;
    this.ascii = true;
    this.deflated = false;
    this.restart = 0;
    this.range = undefined;
    this.renameFrom = undefined;
    this.copyFrom = undefined;
    this.hashName = "SHA-256";
    this.extendedOnly = false;
    this.facts = defaultFacts;
    this.idleMs = this.policy.idleMs;
  }
}

/** A transfer under way. */
export interface Transfer {
  readonly verb: string;
  /** ABOR came: its own reply follows the transfer's. */
  aborted: boolean;
}

/** The line's text, or a fault where the bytes are not UTF-8 (RFC 2640 §3.1: names are UTF-8 here). */
export function lineText(bytes: Uint8Array): Result<string> {
  const text = textOf(bytes);
  return text === undefined ? fail("bad-name", "names are UTF-8 here") : { ok: true, value: text };
}
