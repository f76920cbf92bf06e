import { concat } from "../../lib/base/bytes.ts";
import { hmacMd5 } from "../../lib/crypto/hash.ts";
import { ntHash } from "../../lib/crypto/nt-hash.ts";
import { rc4 } from "../../lib/crypto/rc4.ts";
import {
  avId,
  avPairBytes,
  micAt,
  ntlmFlag,
  readChallenge,
  writeAuthenticate,
  writeNegotiate,
} from "../../lib/proto/spnego/ntlm-message.ts";
import { Reader } from "../../lib/wire/reader.ts";
import { utf16 } from "../../lib/wire/utf16.ts";

export interface NtlmUser {
  readonly user: string;
  readonly domain: string;
  readonly password: string;
}

const flags =
  (ntlmFlag.unicode |
    ntlmFlag.sign |
    ntlmFlag.ntlm |
    ntlmFlag.alwaysSign |
    ntlmFlag.extendedSecurity |
    ntlmFlag.bits128 |
    ntlmFlag.keyExchange) >>>
  0;

/** The client's side of NTLMv2 with a MIC, for tests: repeatable, its "random" bytes are constants. */
export class NtlmClient {
  readonly key: Uint8Array = Uint8Array.from({ length: 16 }, (_, i) => i + 1);
  readonly flags: number = flags;
  readonly negotiate: Uint8Array = writeNegotiate({ flags });

  /** The AUTHENTICATE message for the server's challenge. */
  authenticate(challengeBytes: Uint8Array, who: NtlmUser): Uint8Array {
    const challenge = readChallenge(new Reader(challengeBytes));
    const pairs = [...challenge.targetInfo, { id: avId.flags, value: Uint8Array.of(2, 0, 0, 0) }];
    const time = challenge.targetInfo.find((pair) => pair.id === avId.timestamp)!.value;
    const blob = concat([
      Uint8Array.of(1, 1, 0, 0, 0, 0, 0, 0),
      time,
      new Uint8Array(8).fill(0xaa),
      new Uint8Array(4),
      avPairBytes(pairs),
      new Uint8Array(4),
    ]);
    const v2 = hmacMd5(ntHash(who.password), utf16(who.user.toUpperCase() + who.domain));
    const proof = hmacMd5(v2, challenge.challenge, blob);
    const message = writeAuthenticate({
      ntResponse: concat([proof, blob]),
      domain: who.domain,
      user: who.user,
      workstation: "TESTER",
      encryptedKey: rc4(hmacMd5(v2, proof), this.key),
      flags,
      mic: new Uint8Array(16),
    });
    message.set(hmacMd5(this.key, this.negotiate, challengeBytes, message), micAt);
    return message;
  }
}
