import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { decode } from "../../wire/decode.ts";
import { Writer } from "../../wire/writer.ts";
import { utf16 } from "../../wire/utf16.ts";
import { lookupNames, lookupSids } from "./lsa-lookup.ts";
import { NdrWriter } from "./ndr.ts";
import type { RpcHost } from "./service.ts";

const domain = { name: "HOUSE", sid: "010100000000000515000000" };
const mia = { name: "mia", domain, sid: "0102000000000005150000002a000000", rid: 42, type: 1 };
const host: RpcHost = {
  netbios: "HOUSE",
  comment: "",
  user: "mia",
  shares: [],
  domain,
  accounts: new Map([[mia.sid, mia]]),
};
const forms = [{ flags: false }, { flags: true }, { flags: true, wholeSid: true }];

function namesAsked(...names: string[]): Uint8Array {
  const w = new Writer();
  w.zeros(20);
  w.u32le(names.length);
  w.u32le(names.length);
  for (const name of names) {
    w.u16le(name.length * 2);
    w.u16le(name.length * 2);
    w.u32le(0x20000);
  }
  for (const name of names) {
    w.align(4);
    w.u32le(name.length);
    w.u32le(0);
    w.u32le(name.length);
    w.bytes(utf16(name));
  }
  return w.take();
}

function answered(stub: Uint8Array, form = forms[0]!): { mapped: number; status: number } | undefined {
  const out = new NdrWriter();
  const read = decode((r) => lookupNames(form)(r, out, host), stub);
  if (!read.ok) return undefined;
  const bytes = out.bytes();
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return { mapped: view.getUint32(bytes.length - 8, true), status: view.getUint32(bytes.length - 4, true) };
}

test("names are found whatever their case and domain is written like", () => {
  for (const name of ["mia", "MIA", "house\\Mia", "mia@house.local"]) {
    expect(answered(namesAsked(name))).toEqual({ mapped: 1, status: 0 });
  }
  expect(answered(namesAsked("mia", "nobody"))).toEqual({ mapped: 1, status: 0x107 });
  expect(answered(namesAsked("other\\mia"))).toEqual({ mapped: 0, status: 0xc0000073 });
});

test("garbage is answered or malformed, never more", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 120 }), fc.constantFrom(...forms), (bytes, form) => {
      const stub = new Uint8Array(20 + bytes.length);
      stub.set(bytes, 20);
      for (const lookup of [lookupNames(form), lookupSids(form)]) {
        decode((r) => lookup(r, new NdrWriter(), host), stub);
      }
    }),
  );
});
