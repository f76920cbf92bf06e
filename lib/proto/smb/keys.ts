import { utf8 } from "../../base/bytes.ts";
import { deriveKey } from "../../crypto/kdf.ts";
import { cipher, dialect } from "./negotiate.ts";

/** What one session's key is turned into (MS-SMB2 §3.1.4.2). */
export interface SessionKeys {
  readonly signing: Uint8Array;
  readonly clientToServer: Uint8Array;
  readonly serverToClient: Uint8Array;
}

/** `sessionKey`: what the sign-in gave; its first 16 bytes count. `preauth`: the session's hash (3.1.1). */
export function sessionKeys(
  spoken: number,
  chosenCipher: number,
  sessionKey: Uint8Array,
  preauth: Uint8Array,
): SessionKeys {
  const key = new Uint8Array(16);
  key.set(sessionKey.subarray(0, 16));
  if (spoken < dialect.smb300) return { signing: key, clientToServer: key, serverToClient: key };
  const wide = chosenCipher === cipher.aes256ccm || chosenCipher === cipher.aes256gcm;
  const derive = (label: string, context: Uint8Array, size: 16 | 32): Uint8Array =>
    deriveKey(key, utf8(`${label}\0`), context, size);
  if (spoken === dialect.smb311) {
    return {
      signing: derive("SMBSigningKey", preauth, 16),
      clientToServer: derive("SMBC2SCipherKey", preauth, wide ? 32 : 16),
      serverToClient: derive("SMBS2CCipherKey", preauth, wide ? 32 : 16),
    };
  }
  return {
    signing: derive("SMB2AESCMAC", utf8("SmbSign\0"), 16),
    clientToServer: derive("SMB2AESCCM", utf8("ServerIn \0"), 16),
    serverToClient: derive("SMB2AESCCM", utf8("ServerOut\0"), 16),
  };
}
