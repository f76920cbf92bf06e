import type { Entropy } from "../../base/entropy.ts";
import type { UnixMs } from "../../base/time.ts";
import { decode } from "../../wire/decode.ts";
import { mechanisms, writeInitHint } from "../spnego/token.ts";
import type { ServerName } from "../spnego/acceptor.ts";
import { fileTime } from "./filetime.ts";
import {
  capability,
  cipher,
  contextType,
  dialect,
  dialects,
  idContext,
  preauthContext,
  readIdContext,
  readPreauthContext,
  securityMode,
  sha512Id,
  signingId,
  type NegotiateContext,
  type NegotiateRequest,
  type NegotiateResponse,
} from "./negotiate.ts";
import { ntStatus } from "./status.ts";
import type { Spoken } from "./step.ts";

/** What the house has decided about SMB. */
export interface SmbSettings {
  /** 16 bytes, the same as long as the house is. */
  readonly serverGuid: Uint8Array;
  readonly name: ServerName;
  /** The least dialect that is spoken. */
  readonly minDialect: number;
  /** Whether every request must be signed; otherwise where the client says so. */
  readonly requireSigning: boolean;
  /** Whether every session must be encrypted. */
  readonly encrypt: boolean;
  /** Leases and oplocks are given. */
  readonly leases: boolean;
}

/** What an engine is handed from the world outside it. */
export interface SmbAmbience {
  readonly entropy: Entropy;
  wall(): UnixMs;
  /** Never the same number twice, on any connection. */
  nextSessionId(): bigint;
}

export type Negotiated =
  | { readonly ok: true; readonly spoken: Spoken; readonly response: NegotiateResponse }
  | { readonly ok: false; readonly status: number };

const largeTransfer = 8 << 20;
const smallTransfer = 64 << 10;

/** MS-SMB2 §3.3.5.4: the best dialect that both speak, and what goes with it. */
export function negotiate(
  request: NegotiateRequest,
  settings: SmbSettings,
  ambience: SmbAmbience,
): Negotiated {
  const chosen = dialects.find((d) => d >= settings.minDialect && request.dialects.includes(d));
  if (chosen === undefined) return { ok: false, status: ntStatus.notSupported };
  const algorithms = chosen === dialect.smb311 ? algorithmsOf(request.contexts) : olderAlgorithms(chosen);
  if ("status" in algorithms) return { ok: false, status: algorithms.status };
  const contexts = chosen === dialect.smb311 ? contextsFor(request, algorithms, ambience.entropy) : [];
  const capabilities = capabilitiesFor(chosen, request, settings);
  const isLarge = (capabilities & capability.largeMtu) !== 0;
  const spoken: Spoken = {
    dialect: chosen,
    ...algorithms,
    maxTransfer: isLarge ? largeTransfer : smallTransfer,
    clientGuid: Uint8Array.from(request.clientGuid),
    clientCapabilities: request.capabilities,
    clientSecurityMode: request.securityMode,
    serverCapabilities: capabilities,
    offered: request.dialects,
  };
  return { ok: true, spoken, response: responseFor(spoken, contexts, settings, ambience) };
}

/** What an SMB1 hello is answered with: 2.0.2, or "ask again in SMB2" (MS-SMB2 §3.3.5.3). */
export function multiProtocolResponse(
  answered: number,
  settings: SmbSettings,
  ambience: SmbAmbience,
): NegotiateResponse {
  const isAny = answered === dialect.any;
  const capabilities = isAny ? capability.largeMtu : 0;
  const maxTransfer = isAny ? largeTransfer : smallTransfer;
  return responseFor(
    { dialect: answered, serverCapabilities: capabilities, maxTransfer },
    [],
    settings,
    ambience,
  );
}

/** What the server says of signing. */
export const securityModeOf = ({ requireSigning }: SmbSettings): number =>
  securityMode.enabled | (requireSigning ? securityMode.required : 0);

function responseFor(
  spoken: Pick<Spoken, "dialect" | "serverCapabilities" | "maxTransfer">,
  contexts: readonly NegotiateContext[],
  settings: SmbSettings,
  ambience: SmbAmbience,
): NegotiateResponse {
  return {
    securityMode: securityModeOf(settings),
    dialect: spoken.dialect,
    serverGuid: settings.serverGuid,
    capabilities: spoken.serverCapabilities,
    maxTransact: spoken.maxTransfer,
    maxRead: spoken.maxTransfer,
    maxWrite: spoken.maxTransfer,
    systemTime: fileTime(ambience.wall()),
    securityBuffer: writeInitHint([mechanisms.ntlm]),
    contexts,
  };
}

interface Algorithms {
  readonly cipher: number;
  readonly signing: number;
}

/** Before 3.1.1 the dialect says which. */
function olderAlgorithms(chosen: number): Algorithms {
  if (chosen < dialect.smb300) return { cipher: cipher.none, signing: signingId.hmacSha256 };
  return { cipher: cipher.aes128ccm, signing: signingId.aesCmac };
}

const cipherChoice = [cipher.aes128gcm, cipher.aes256gcm, cipher.aes128ccm, cipher.aes256ccm];
const signingChoice = [signingId.aesGmac, signingId.aesCmac, signingId.hmacSha256];

function algorithmsOf(contexts: readonly NegotiateContext[]): Algorithms | { status: number } {
  const preauth = contexts.filter((c) => c.type === contextType.preauth);
  if (preauth.length !== 1) return { status: ntStatus.invalidParameter };
  const hashes = decode(readPreauthContext, preauth[0]!.data);
  if (!hashes.ok) return { status: ntStatus.invalidParameter };
  if (!hashes.value.includes(sha512Id)) return { status: ntStatus.noPreauthHashOverlap };
  const ciphers = idsOf(contexts, contextType.encryption);
  const signings = idsOf(contexts, contextType.signing);
  if (!ciphers || !signings) return { status: ntStatus.invalidParameter };
  return {
    cipher: cipherChoice.find((id) => ciphers.includes(id)) ?? cipher.none,
    signing: signingChoice.find((id) => signings.includes(id)) ?? signingId.aesCmac,
  };
}

/** The ids of a context; none where it is absent, undefined where it is malformed or there twice. */
function idsOf(contexts: readonly NegotiateContext[], type: number): readonly number[] | undefined {
  const found = contexts.filter((c) => c.type === type);
  if (found.length === 0) return [];
  const ids = decode(readIdContext, found[0]!.data);
  return found.length === 1 && ids.ok && ids.value.length > 0 ? ids.value : undefined;
}

function contextsFor(
  request: NegotiateRequest,
  algorithms: Algorithms,
  entropy: Entropy,
): NegotiateContext[] {
  const asked = new Set(request.contexts.map((c) => c.type));
  const contexts = [preauthContext(entropy(32))];
  if (asked.has(contextType.encryption))
    contexts.push(idContext(contextType.encryption, [algorithms.cipher]));
  if (asked.has(contextType.signing)) contexts.push(idContext(contextType.signing, [algorithms.signing]));
  return contexts;
}

function capabilitiesFor(chosen: number, request: NegotiateRequest, settings: SmbSettings): number {
  let capabilities = 0;
  if (chosen >= dialect.smb210) capabilities |= capability.largeMtu;
  if (chosen >= dialect.smb210 && settings.leases) capabilities |= capability.leasing;
  const encrypts = (request.capabilities & capability.encryption) !== 0;
  const by3 = chosen === dialect.smb300 || chosen === dialect.smb302;
  if (by3 && encrypts) capabilities |= capability.encryption;
  return capabilities;
}

/** What is agreed once an SMB1 hello was answered with 2.0.2. */
export function spokenBySmb1(response: NegotiateResponse): Spoken {
  return {
    dialect: dialect.smb202,
    cipher: 0,
    signing: 0,
    maxTransfer: response.maxTransact,
    clientGuid: new Uint8Array(16),
    clientCapabilities: 0,
    clientSecurityMode: 0,
    serverCapabilities: 0,
    offered: [],
  };
}
