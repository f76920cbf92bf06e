import { concat } from "../../base/bytes.ts";
import { Cmac } from "../../crypto/cmac.ts";
import { equalSecrets } from "../../crypto/equal.ts";
import { gmac } from "../../crypto/gcm.ts";
import { hmacSha256 } from "../../crypto/hash.ts";
import { command, signatureAt } from "./header.ts";
import { signingId } from "./negotiate.ts";

/** Makes the 16 bytes that prove one element of a message: from its header, signature zeroed, to the end of
 *  its padding, in parts the first of which has the whole header (MS-SMB2 §3.1.4.1). */
export type Signer = (element: readonly Uint8Array[], fromServer: boolean) => Uint8Array;

export function signerOf(algorithm: number, key: Uint8Array): Signer {
  if (algorithm === signingId.aesGmac) {
    return (element, fromServer) => gmac(key, gmacNonce(element[0]!, fromServer), ...element);
  }
  if (algorithm === signingId.aesCmac) {
    const mac = new Cmac(key);
    return (element) => mac.sum(element.length === 1 ? element[0]! : concat(element));
  }
  return (element) => hmacSha256(key, ...element).subarray(0, 16);
}

/** MessageId u64, then u32: bit 0 the sender is the server, bit 1 the command is CANCEL. */
function gmacNonce(element: Uint8Array, fromServer: boolean): Uint8Array {
  const nonce = new Uint8Array(12);
  nonce.set(element.subarray(24, 32));
  const code = element[12]! | (element[13]! << 8);
  nonce[8] = (fromServer ? 1 : 0) | (code === command.cancel ? 2 : 0);
  return nonce;
}

/** Whether the element's own signature is the client's. Writes zeros over it on the way. */
export function isSigned(sign: Signer, element: Uint8Array, fromServer = false): boolean {
  const sent = Uint8Array.from(element.subarray(signatureAt, signatureAt + 16));
  element.fill(0, signatureAt, signatureAt + 16);
  return equalSecrets(sign([element], fromServer), sent);
}
