import { equalSecrets } from "../../crypto/equal.ts";
import { decode } from "../../wire/decode.ts";
import { utf16 } from "../../wire/utf16.ts";
import {
  avId,
  isNtlm,
  micAt,
  ntlmFlag,
  readAuthenticate,
  readNegotiate,
  writeChallenge,
  type AvPair,
  type NtlmAuthenticate,
} from "./ntlm-message.ts";
import { hasSoundPairs, proofRefusal, type NtlmProof } from "./ntlm-proof.ts";
import { firstSignature } from "./ntlm-sign.ts";
import { mechanisms, negState, readInitToken, readResponseToken, writeResponseToken } from "./token.ts";

/** How the house is called towards clients. */
export interface ServerName {
  /** At most 15 capitals. */
  readonly netbios: string;
  readonly dns: string;
}

/** What the next message of the sign-in comes to. */
export type Accepted =
  | { readonly kind: "continue"; readonly token: Uint8Array }
  | { readonly kind: "prove"; readonly proof: NtlmProof }
  | { readonly kind: "refused"; readonly why: string; readonly malformed: boolean };

/** The server side of one sign-in by NTLMv2, inside SPNEGO (RFC 4178) or bare, as MS-SMB2 §3.3.5.5.3 allows.
 *  Feed each token to `accept`; once it says `prove`, give the exported key to `complete`. */
export class Acceptor {
  readonly #name: ServerName;
  readonly #challenge: Uint8Array;
  readonly #time: Uint8Array;
  #bare = false;
  #awaits: "negotiate" | "authenticate" | "nothing" = "negotiate";
  #list: Uint8Array | undefined;
  #optimistic = true;
  #messages: Uint8Array[] = [];
  #flags = 0;
  #clientMic: Uint8Array | undefined;

  /** `challenge`: 8 random bytes; `time`: now as a FILETIME, 8 bytes little-endian. */
  constructor(name: ServerName, challenge: Uint8Array, time: Uint8Array) {
    this.#name = name;
    this.#challenge = challenge;
    this.#time = time;
  }

  accept(token: Uint8Array): Accepted {
    if (this.#awaits === "nothing") return refused("the sign-in is over");
    if (isNtlm(token)) {
      this.#bare = this.#list === undefined;
      return this.#ntlm(token);
    }
    return token[0] === 0x60 ? this.#init(token) : this.#response(token);
  }

  /** The last token, once the proof held. Undefined where the client's mechListMIC does not. */
  complete(exported: Uint8Array): Uint8Array | undefined {
    if (this.#bare || !this.#list) return new Uint8Array(0);
    const signed = (direction: "client-to-server" | "server-to-client"): Uint8Array =>
      firstSignature(exported, this.#flags, direction, this.#list!);
    if (this.#clientMic && !equalSecrets(this.#clientMic, signed("client-to-server"))) return undefined;
    const mic = this.#clientMic ? signed("server-to-client") : undefined;
    return writeResponseToken({ state: negState.completed, mechanism: undefined, token: undefined, mic });
  }

  #init(token: Uint8Array): Accepted {
    if (this.#list) return refused("a second NegTokenInit");
    const init = decode(readInitToken, token);
    if (!init.ok) return refused(init.fault.what);
    const at = init.value.mechanisms.indexOf(mechanisms.ntlm);
    if (at < 0) return refused("the client does not offer NTLM");
    this.#list = Uint8Array.from(init.value.mechanismList);
    this.#optimistic = at === 0;
    if (this.#optimistic && init.value.token) return this.#ntlm(init.value.token);
    return { kind: "continue", token: this.#reply(undefined) };
  }

  #response(token: Uint8Array): Accepted {
    const response = decode(readResponseToken, token);
    if (!response.ok) return refused(response.fault.what);
    if (!this.#list) return refused("a NegTokenResp before NegTokenInit");
    if (!response.value.token) return refused("no token inside");
    this.#clientMic = response.value.mic && Uint8Array.from(response.value.mic);
    return this.#ntlm(response.value.token);
  }

  #ntlm(token: Uint8Array): Accepted {
    const message = Uint8Array.from(token);
    return this.#awaits === "negotiate" ? this.#challengeFor(message) : this.#proofOf(message);
  }

  #challengeFor(message: Uint8Array): Accepted {
    const negotiate = decode(readNegotiate, message);
    if (!negotiate.ok) return malformed(negotiate.fault.what);
    const flags = chosenFlags(negotiate.value.flags);
    if ((flags & ntlmFlag.extendedSecurity) === 0) return refused("no extended session security");
    const challenge = writeChallenge({
      flags,
      challenge: this.#challenge,
      targetName: this.#name.netbios,
      targetInfo: this.#targetInfo(),
    });
    this.#awaits = "authenticate";
    this.#messages = [message, challenge];
    return { kind: "continue", token: this.#bare ? challenge : this.#reply(challenge) };
  }

  #proofOf(message: Uint8Array): Accepted {
    this.#awaits = "nothing";
    const read = decode(readAuthenticate, message);
    if (!read.ok) return malformed(read.fault.what);
    if (!hasSoundPairs(read.value)) return malformed("the response's pairs");
    const refusal = proofRefusal(read.value) ?? this.#micRefusal();
    if (refusal) return refused(refusal);
    this.#flags = read.value.flags;
    return { kind: "prove", proof: this.#proof(read.value, message) };
  }

  /** RFC 4178 §5: where the client's first choice was not taken the list must be proven. */
  #micRefusal(): string | undefined {
    if (this.#bare || this.#optimistic || this.#clientMic) return undefined;
    return "no mechListMIC, though the first mechanism was not taken";
  }

  #proof(message: NtlmAuthenticate, bytes: Uint8Array): NtlmProof {
    const zeroed = Uint8Array.from(bytes);
    if (zeroed.length >= micAt + 16) zeroed.fill(0, micAt, micAt + 16);
    const exchanges = (message.flags & ntlmFlag.keyExchange) !== 0;
    return {
      user: message.user,
      domain: message.domain,
      workstation: message.workstation,
      challenge: this.#challenge,
      response: message.ntResponse,
      encryptedKey: exchanges ? message.encryptedKey : undefined,
      mic: message.mic,
      messages: [...this.#messages, zeroed],
    };
  }

  #reply(token: Uint8Array | undefined): Uint8Array {
    const state = this.#optimistic ? negState.incomplete : negState.requestMic;
    return writeResponseToken({ state, mechanism: mechanisms.ntlm, token, mic: undefined });
  }

  #targetInfo(): AvPair[] {
    const { netbios, dns } = this.#name;
    return [
      { id: avId.netbiosDomain, value: utf16(netbios) },
      { id: avId.netbiosComputer, value: utf16(netbios) },
      { id: avId.dnsDomain, value: utf16("") },
      { id: avId.dnsComputer, value: utf16(dns) },
      { id: avId.timestamp, value: this.#time },
    ];
  }
}

/** What both can do, and what a challenge always says. */
function chosenFlags(offered: number): number {
  const both =
    ntlmFlag.sign |
    ntlmFlag.seal |
    ntlmFlag.alwaysSign |
    ntlmFlag.extendedSecurity |
    ntlmFlag.version |
    ntlmFlag.bits128 |
    ntlmFlag.keyExchange |
    ntlmFlag.bits56;
  const always =
    ntlmFlag.unicode | ntlmFlag.requestTarget | ntlmFlag.ntlm | ntlmFlag.targetServer | ntlmFlag.targetInfo;
  return ((offered & both) | always) >>> 0;
}

const refused = (why: string): Accepted => ({ kind: "refused", why, malformed: false });
const malformed = (why: string): Accepted => ({ kind: "refused", why, malformed: true });
