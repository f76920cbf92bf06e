import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { decode } from "../../wire/decode.ts";
import {
  mechanisms,
  readInitToken,
  readResponseToken,
  writeInitHint,
  writeInitToken,
  writeResponseToken,
} from "./token.ts";

const bytes = fc.uint8Array({ maxLength: 300 });
const maybe = fc.option(bytes, { nil: undefined });
const oid = fc.constantFrom(mechanisms.ntlm, "2a864886f712010202", "2a864882f712010202");

test("NegTokenInit comes back", () => {
  const init = fc.record({ mechanisms: fc.array(oid, { maxLength: 8 }), token: maybe, mic: maybe });
  fc.assert(
    fc.property(init, (init) => {
      const back = decode(readInitToken, writeInitToken(init));
      expect(back).toMatchObject({ ok: true, value: init });
    }),
  );
});

test("NegTokenResp comes back", () => {
  const response = fc.record({
    state: fc.option(fc.integer({ min: 0, max: 3 }), { nil: undefined }),
    mechanism: fc.option(oid, { nil: undefined }),
    token: maybe,
    mic: maybe,
  });
  fc.assert(
    fc.property(response, (response) => {
      expect(decode(readResponseToken, writeResponseToken(response))).toEqual({ ok: true, value: response });
    }),
  );
});

test("the server's hint is the 74 bytes that clients know, and no MIC", () => {
  const hint = writeInitHint([mechanisms.ntlm]);
  expect(hint.length).toBe(74);
  const read = decode(readInitToken, hint);
  expect(read).toMatchObject({ ok: true, value: { mechanisms: [mechanisms.ntlm], mic: undefined } });
});

test("bent tokens are malformed or tokens, never a crash", () => {
  const good = writeInitToken({ mechanisms: [mechanisms.ntlm], token: new Uint8Array(40), mic: undefined });
  fc.assert(
    fc.property(fc.nat(good.length - 1), fc.nat(255), (at, value) => {
      const bent = good.with(at, value);
      decode(readInitToken, bent);
      decode(readResponseToken, bent);
    }),
  );
  fc.assert(fc.property(bytes, (b) => void [decode(readInitToken, b), decode(readResponseToken, b)]));
});
