import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { fromHex, hex } from "../../base/bytes.ts";
import { ntHash } from "../../crypto/nt-hash.ts";
import { Reader } from "../../wire/reader.ts";
import { NtlmClient } from "../../../test/smb/ntlm-client.ts";
import { Acceptor, type Accepted } from "./acceptor.ts";
import { exportedKey, type NtlmProof } from "./ntlm-proof.ts";
import { firstSignature } from "./ntlm-sign.ts";
import { mechanisms, readInitToken, readResponseToken, writeInitToken, writeResponseToken } from "./token.ts";

const who = { user: "alice", domain: "HOUSE", password: "correct horse" };
const acceptor = () =>
  new Acceptor({ netbios: "HOLDFAST", dns: "holdfast.local" }, new Uint8Array(8).fill(7), new Uint8Array(8));

const tokenOf = (accepted: Accepted): Uint8Array => {
  if (accepted.kind !== "continue") throw new Error(`${accepted.kind} instead of a token`);
  return accepted.token;
};
const proofOf = (accepted: Accepted): NtlmProof => {
  if (accepted.kind !== "prove") throw new Error(JSON.stringify(accepted));
  return accepted.proof;
};
const inner = (token: Uint8Array): Uint8Array => readResponseToken(new Reader(token)).token!;
const wrapped = (token: Uint8Array, mic?: Uint8Array): Uint8Array =>
  writeResponseToken({ state: undefined, mechanism: undefined, token, mic });

test("NTLMv2 within SPNEGO, proven by MIC and mechListMIC both ways", () => {
  const [server, client] = [acceptor(), new NtlmClient()];
  const init = writeInitToken({ mechanisms: [mechanisms.ntlm], token: client.negotiate, mic: undefined });
  const list = readInitToken(new Reader(init)).mechanismList;
  const challenge = inner(tokenOf(server.accept(init)));
  const mic = firstSignature(client.key, client.flags, "client-to-server", list);
  const proof = proofOf(server.accept(wrapped(client.authenticate(challenge, who), mic)));
  expect([proof.user, proof.domain, proof.workstation]).toEqual(["alice", "HOUSE", "TESTER"]);
  const key = exportedKey(proof, ntHash(who.password))!;
  expect(hex(key)).toBe(hex(client.key));
  const last = readResponseToken(new Reader(server.complete(key)!));
  expect(last.state).toBe(0);
  expect(hex(last.mic!)).toBe(hex(firstSignature(client.key, client.flags, "server-to-client", list)));
});

test("bare NTLMSSP is answered bare", () => {
  const [server, client] = [acceptor(), new NtlmClient()];
  const challenge = tokenOf(server.accept(client.negotiate));
  const proof = proofOf(server.accept(client.authenticate(challenge, who)));
  expect(exportedKey(proof, ntHash(who.password))).toBeDefined();
  expect(server.complete(client.key)).toHaveLength(0);
});

test("another mechanism first: NTLM is asked for, and the list must be proven", () => {
  const [server, client] = [acceptor(), new NtlmClient()];
  const offered = ["2a864886f712010202", mechanisms.ntlm];
  const init = writeInitToken({ mechanisms: offered, token: new Uint8Array(50), mic: undefined });
  const asked = readResponseToken(new Reader(tokenOf(server.accept(init))));
  expect(asked).toMatchObject({ mechanism: mechanisms.ntlm, token: undefined });
  const challenge = inner(tokenOf(server.accept(wrapped(client.negotiate))));
  const unproven = server.accept(wrapped(client.authenticate(challenge, who)));
  expect(unproven).toMatchObject({ kind: "refused" });
});

test("a bent mechListMIC completes nothing", () => {
  const [server, client] = [acceptor(), new NtlmClient()];
  const init = writeInitToken({ mechanisms: [mechanisms.ntlm], token: client.negotiate, mic: undefined });
  const challenge = inner(tokenOf(server.accept(init)));
  proofOf(server.accept(wrapped(client.authenticate(challenge, who), new Uint8Array(16))));
  expect(server.complete(client.key)).toBeUndefined();
});

test("a wrong password, a bent message and a bent MIC prove nothing", () => {
  const [server, client] = [acceptor(), new NtlmClient()];
  const challenge = tokenOf(server.accept(client.negotiate));
  const proof = proofOf(server.accept(client.authenticate(challenge, who)));
  expect(exportedKey(proof, ntHash("wrong horse"))).toBeUndefined();
  const hash = ntHash(who.password);
  expect(exportedKey({ ...proof, mic: new Uint8Array(16) }, hash)).toBeUndefined();
  expect(exportedKey({ ...proof, user: "bob" }, hash)).toBeUndefined();
  expect(exportedKey({ ...proof, response: proof.response.slice(0, 24) }, hash)).toBeUndefined();
  const bent = proof.response.with(40, proof.response[40]! ^ 1);
  expect(exportedKey({ ...proof, response: bent }, hash)).toBeUndefined();
});

/** MS-NLMP §4.2.4: "User", "Domain", "Password", server challenge 0123456789abcdef. */
test("the published NTLMv2 example", () => {
  const blob =
    "01010000000000000000000000000000aaaaaaaaaaaaaaaa0000000002000c0044006f006d00610069006e00" +
    "01000c005300650072007600650072000000000000000000";
  const response = fromHex(`68cd0ab851e51c96aabc927bebef6a1c${blob}`)!;
  const proof: NtlmProof = {
    user: "User",
    domain: "Domain",
    workstation: "COMPUTER",
    challenge: fromHex("0123456789abcdef")!,
    response,
    encryptedKey: fromHex("c5dad2544fc9799094ce1ce90bc9d03e")!,
    mic: new Uint8Array(16),
    messages: [],
  };
  expect(hex(exportedKey(proof, ntHash("Password"))!)).toBe("55".repeat(16));
});

test("anonymous, NTLMv1 and messages out of order are refused", () => {
  const client = new NtlmClient();
  const start = (): [Acceptor, Uint8Array] => {
    const server = acceptor();
    return [server, tokenOf(server.accept(client.negotiate))];
  };
  const [first, challenge] = start();
  const message = client.authenticate(challenge, who);
  expect(acceptor().accept(message)).toMatchObject({ kind: "refused" });
  expect(first.accept(client.authenticate(challenge, { ...who, user: "" }))).toMatchObject({
    why: "anonymous sign-in is off",
  });
  const [second] = start();
  expect(second.accept(client.negotiate)).toMatchObject({ kind: "refused" });
  expect(second.accept(message)).toMatchObject({ why: "the sign-in is over" });
});

test("garbage at any step is refused, never a crash", () => {
  const client = new NtlmClient();
  fc.assert(
    fc.property(fc.nat(), fc.nat(255), fc.nat(400), (at, value, cut) => {
      const server = acceptor();
      const challenge = tokenOf(server.accept(client.negotiate));
      const good = client.authenticate(challenge, who);
      const bent = good.with(at % good.length, value).subarray(0, cut);
      const said = server.accept(bent);
      if (said.kind === "prove") exportedKey(said.proof, ntHash(who.password));
    }),
  );
  fc.assert(fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => void acceptor().accept(bytes)));
});
