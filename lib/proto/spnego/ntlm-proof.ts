import { equalSecrets } from "../../crypto/equal.ts";
import { hmacMd5 } from "../../crypto/hash.ts";
import { rc4 } from "../../crypto/rc4.ts";
import { decode } from "../../wire/decode.ts";
import { utf16 } from "../../wire/utf16.ts";
import { avId, ntlmFlag, readAvPairs, type NtlmAuthenticate } from "./ntlm-message.ts";

/** What a client has said to prove that it knows a user's password: enough to decide once the NT hash is at
 *  hand, and no secret by itself. */
export interface NtlmProof {
  readonly user: string;
  readonly domain: string;
  readonly workstation: string;
  readonly challenge: Uint8Array;
  readonly response: Uint8Array;
  readonly encryptedKey: Uint8Array | undefined;
  readonly mic: Uint8Array;
  /** The three messages, the MIC of the last one zeroed. */
  readonly messages: readonly Uint8Array[];
}

/** MS-NLMP §3.3.2 and §3.2.5.1.2: the exported session key where the proof holds for `ntHash`, else
 *  undefined. Only NTLMv2 with the fixed part of its blob is looked at; an announced MIC must hold. */
export function exportedKey(proof: NtlmProof, ntHash: Uint8Array): Uint8Array | undefined {
  const sent = proof.response.subarray(0, 16);
  const blob = proof.response.subarray(16);
  if (blob.length < 32) return undefined; // 24 bytes in all: NTLMv1
  for (const domain of new Set([proof.domain, ""])) {
    const key = hmacMd5(ntHash, utf16(proof.user.toUpperCase() + domain));
    if (!equalSecrets(hmacMd5(key, proof.challenge, blob), sent)) continue;
    const base = hmacMd5(key, sent);
    const exported = proof.encryptedKey ? rc4(base, proof.encryptedKey) : base;
    return micHolds(proof, blob, exported) ? exported : undefined;
  }
  return undefined;
}

function micHolds(proof: NtlmProof, blob: Uint8Array, exported: Uint8Array): boolean {
  const pairs = decode(readAvPairs, blob.subarray(28));
  if (!pairs.ok) return false;
  const flags = pairs.value.find((pair) => pair.id === avId.flags)?.value[0] ?? 0;
  return (flags & 2) === 0 || equalSecrets(hmacMd5(exported, ...proof.messages), proof.mic);
}

/** Whether what an NTLMv2 response says of the server can be read at all. */
export const hasSoundPairs = ({ ntResponse }: NtlmAuthenticate): boolean =>
  ntResponse.length < 48 || decode(readAvPairs, ntResponse.subarray(44)).ok;

/** Why an AUTHENTICATE message is not even looked up, or undefined where it is a proof. */
export function proofRefusal(message: NtlmAuthenticate): string | undefined {
  if (message.user === "") return "anonymous sign-in is off";
  if (message.ntResponse.length === 24) return "NTLMv1 is refused";
  if (message.ntResponse.length < 48) return "no NTLMv2 response";
  const exchanges = (message.flags & ntlmFlag.keyExchange) !== 0;
  if (exchanges && message.encryptedKey.length !== 16) return "the session key is not 16 bytes";
  return undefined;
}
