import { expect, test } from "bun:test";
import * as fc from "fast-check";
import { decode } from "../../wire/decode.ts";
import type { Reader } from "../../wire/reader.ts";
import { Writer } from "../../wire/writer.ts";
import { readBreakAck, readLeaseBreak, writeBreakAck, writeLeaseBreak } from "./break.ts";
import { readCloseRequest, readCloseResponse, writeCloseRequest, writeCloseResponse } from "./close.ts";
import { readLease, leaseBytes, type Lease } from "./create-context.ts";
import { readCreateRequest, readCreateResponse, writeCreateRequest, writeCreateResponse } from "./create.ts";
import {
  durable2Bytes,
  durable2ReconnectBytes,
  readDurable2,
  readDurable2Reconnect,
} from "./durable-context.ts";
import { readFlushRequest, writeFlushRequest } from "./flush.ts";
import { readHeader, writeHeader, headerFlag } from "./header.ts";
import {
  readIoctlRequest,
  readIoctlResponse,
  readValidateNegotiate,
  validateNegotiateBytes,
  writeIoctlRequest,
  writeIoctlResponse,
} from "./ioctl.ts";
import { readLockRequest, writeLockRequest } from "./lock.ts";
import {
  readNegotiateRequest,
  readNegotiateResponse,
  writeNegotiateRequest,
  writeNegotiateResponse,
} from "./negotiate.ts";
import { notifyBytes, readNotifyEvents, readNotifyRequest, writeNotifyRequest } from "./notify.ts";
import { readOutputBody, writeOutputBody } from "./output-body.ts";
import { readQueryDirectoryRequest, writeQueryDirectoryRequest } from "./query-directory.ts";
import { readQueryInfoRequest, writeQueryInfoRequest } from "./query-info.ts";
import { readReadRequest, writeReadRequest } from "./read.ts";
import {
  readSessionSetupRequest,
  readSessionSetupResponse,
  writeSessionSetupRequest,
  writeSessionSetupResponse,
} from "./session-setup.ts";
import { readSetFile } from "./set-file.ts";
import { readSetInfoRequest, writeSetInfoRequest } from "./set-info.ts";
import { readMultiProtocolHello } from "./smb1.ts";
import { readTransformHeader, writeTransformHeader } from "./transform.ts";
import {
  readTreeConnectRequest,
  readTreeConnectResponse,
  writeTreeConnectRequest,
  writeTreeConnectResponse,
} from "./tree-connect.ts";
import { readWriteRequest, readWriteResponse, writeWriteRequest, writeWriteResponse } from "./write.ts";

const u8 = fc.nat(0xff);
const u16 = fc.nat(0xffff);
const u32 = fc.nat(0xffffffff);
const u64 = fc.bigInt(0n, 0xffff_ffff_ffff_ffffn);
const bytes = fc.uint8Array({ maxLength: 80 });
const exactly = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const text = fc.string({ unit: "grapheme", maxLength: 30 });
const file = fc.record({ persistent: u64, volatile: u64 });
const times = { created: u64, accessed: u64, written: u64, changed: u64 };
const basics = fc.record({ ...times, allocation: u64, size: u64, attributes: u32 });
const createContexts = fc.array(
  fc.record({ name: fc.constantFrom("MxAc", "RqLs", "ab".repeat(16)), data: bytes }),
  { maxLength: 4 },
);
const contexts = fc.array(fc.record({ type: u16, data: bytes }), { maxLength: 4 });
const ids = fc.array(u16, { minLength: 1, maxLength: 6 });
const header = fc
  .record({
    creditCharge: u16,
    status: u32,
    command: u16,
    credits: u16,
    flags: u32,
    next: u32,
    messageId: u64,
    asyncId: u64,
    treeId: u32,
    sessionId: u64,
    signature: exactly(16),
  })
  .map((h) => ((h.flags & headerFlag.async) !== 0 ? { ...h, treeId: 0 } : { ...h, asyncId: 0n }));
const lease = fc
  .record({
    version: fc.constantFrom(1 as const, 2 as const),
    key: exactly(16),
    state: u32,
    flags: u32,
    parentKey: exactly(16),
    epoch: u16,
  })
  .map((l): Lease => (l.version === 2 ? l : { ...l, parentKey: new Uint8Array(16), epoch: 0 }));
const dialectsWith311 = fc.array(u16, { maxLength: 4 }).map((list) => [...list, 0x0311]);
const negotiateResponse = fc.record({
  securityMode: u16,
  dialect: fc.constant(0x0311),
  serverGuid: exactly(16),
  capabilities: u32,
  maxTransact: u32,
  maxRead: u32,
  maxWrite: u32,
  systemTime: u64,
  securityBuffer: bytes,
  contexts,
});

/** Every message: what it may hold, how it is written, how it is read. Bodies stand after a header's room. */
type Row = [
  name: string,
  value: fc.Arbitrary<unknown>,
  write: (value: never) => Uint8Array,
  read: (r: Reader) => unknown,
];
const body =
  <T>(write: (w: Writer, value: T) => void) =>
  (value: T): Uint8Array => {
    const w = new Writer();
    w.zeros(64);
    write(w, value);
    return w.take();
  };
const after =
  <T>(read: (r: Reader) => T) =>
  (r: Reader): T => {
    r.skip(64);
    return read(r);
  };
const whole =
  <T>(write: (w: Writer, value: T) => void) =>
  (value: T): Uint8Array => {
    const w = new Writer();
    write(w, value);
    return w.take();
  };
const messages: Row[] = [
  ["header", header, whole(writeHeader), readHeader],
  [
    "transform",
    fc.record({ signature: exactly(16), nonce: exactly(16), size: u32, flags: u16, sessionId: u64 }),
    whole(writeTransformHeader),
    readTransformHeader,
  ],
  [
    "negotiate",
    fc.record({
      securityMode: u16,
      capabilities: u32,
      clientGuid: exactly(16),
      dialects: dialectsWith311,
      contexts,
    }),
    body(writeNegotiateRequest),
    after(readNegotiateRequest),
  ],
  ["negotiate response", negotiateResponse, body(writeNegotiateResponse), after(readNegotiateResponse)],
  [
    "session setup",
    fc.record({ flags: u8, securityMode: u8, capabilities: u32, previous: u64, token: bytes }),
    body(writeSessionSetupRequest),
    after(readSessionSetupRequest),
  ],
  [
    "session setup response",
    fc.record({ flags: u16, token: bytes }),
    body(writeSessionSetupResponse),
    after(readSessionSetupResponse),
  ],
  ["tree connect", fc.record({ path: text }), body(writeTreeConnectRequest), after(readTreeConnectRequest)],
  [
    "tree connect response",
    fc.record({ type: u8, flags: u32, capabilities: u32, maximalAccess: u32 }),
    body(writeTreeConnectResponse),
    after(readTreeConnectResponse),
  ],
  [
    "create",
    fc.record({
      oplock: u8,
      impersonation: u32,
      access: u32,
      attributes: u32,
      share: u32,
      disposition: u32,
      options: u32,
      name: text,
      contexts: createContexts,
    }),
    body(writeCreateRequest),
    after(readCreateRequest),
  ],
  [
    "create response",
    fc.record({ oplock: u8, action: u32, basics, file, contexts: createContexts }),
    body(writeCreateResponse),
    after(readCreateResponse),
  ],
  ["close", fc.record({ wantsBasics: fc.boolean(), file }), body(writeCloseRequest), after(readCloseRequest)],
  [
    "close response",
    fc.option(basics, { nil: undefined }),
    body(writeCloseResponse),
    after(readCloseResponse),
  ],
  ["flush", fc.record({ file }), body(writeFlushRequest), after(readFlushRequest)],
  [
    "read",
    fc.record({ file, offset: u64, length: u32, minimum: u32, channel: u32 }),
    body(writeReadRequest),
    after(readReadRequest),
  ],
  [
    "write",
    fc.record({ file, offset: u64, flags: u32, channel: u32, data: bytes }),
    body(writeWriteRequest),
    after(readWriteRequest),
  ],
  ["write response", fc.record({ count: u32 }), body(writeWriteResponse), after(readWriteResponse)],
  [
    "lock",
    fc.record({
      file,
      sequence: u32,
      elements: fc.array(fc.record({ offset: u64, length: u64, flags: u32 }), { maxLength: 5 }),
    }),
    body(writeLockRequest),
    after(readLockRequest),
  ],
  [
    "ioctl",
    fc.record({ code: u32, file, input: bytes, maxOutput: u32, isFsctl: fc.boolean() }),
    body(writeIoctlRequest),
    after(readIoctlRequest),
  ],
  [
    "ioctl response",
    fc.record({ code: u32, file, output: bytes }),
    body(writeIoctlResponse),
    after(readIoctlResponse),
  ],
  [
    "validate negotiate",
    fc.record({ capabilities: u32, guid: exactly(16), securityMode: u16, dialects: ids }),
    validateNegotiateBytes,
    readValidateNegotiate,
  ],
  [
    "query directory",
    fc.record({ infoClass: u8, flags: u8, file, pattern: text, outputLength: u32 }),
    body(writeQueryDirectoryRequest),
    after(readQueryDirectoryRequest),
  ],
  [
    "query info",
    fc.record({
      type: u8,
      infoClass: u8,
      outputLength: u32,
      additional: u32,
      flags: u32,
      file,
      input: bytes,
    }),
    body(writeQueryInfoRequest),
    after(readQueryInfoRequest),
  ],
  [
    "set info",
    fc.record({ type: u8, infoClass: u8, additional: u32, file, data: bytes }),
    body(writeSetInfoRequest),
    after(readSetInfoRequest),
  ],
  [
    "notify",
    fc.record({ tree: fc.boolean(), outputLength: u32, file, filter: u32 }),
    body(writeNotifyRequest),
    after(readNotifyRequest),
  ],
  [
    "notify events",
    fc.array(fc.record({ action: u32, name: text }), { minLength: 1, maxLength: 5 }),
    notifyBytes,
    readNotifyEvents,
  ],
  ["output", bytes, body(writeOutputBody), after(readOutputBody)],
  [
    "oplock break",
    fc.record({ kind: fc.constant("oplock" as const), level: u8, file }),
    body(writeBreakAck),
    after(readBreakAck),
  ],
  [
    "lease break ack",
    fc.record({ kind: fc.constant("lease" as const), key: exactly(16), state: u32 }),
    body(writeBreakAck),
    after(readBreakAck),
  ],
  [
    "lease break",
    fc.record({ epoch: u16, wantsAck: fc.boolean(), key: exactly(16), from: u32, to: u32 }),
    body(writeLeaseBreak),
    after(readLeaseBreak),
  ],
  ["lease", lease, leaseBytes, readLease],
  [
    "durable v2",
    fc.record({ timeoutMs: u32, flags: u32, createGuid: exactly(16) }),
    durable2Bytes,
    readDurable2,
  ],
  [
    "durable v2 reconnect",
    fc.record({ file, createGuid: exactly(16) }),
    durable2ReconnectBytes,
    readDurable2Reconnect,
  ],
];

test.each(messages)("%s comes back as it was written", (_name, value, write, read) => {
  fc.assert(
    fc.property(value, (value) => {
      expect(decode(read, write(value as never))).toEqual({ ok: true, value });
    }),
  );
});

test.each(messages)("%s, bent or cut, is malformed or a message", (_name, value, write, read) => {
  const bend = fc.record({ at: fc.nat(), to: u8, cut: fc.nat(300) });
  fc.assert(
    fc.property(value, bend, (value, { at, to, cut }) => {
      const good = write(value as never);
      decode(read, good.with(at % good.length, to));
      decode(read, good.subarray(0, cut));
    }),
  );
});

test("an SMB1 hello asks for SMB2 or is malformed", () => {
  const hello = (names: string): Uint8Array => {
    const w = new Writer();
    w.bytes(Uint8Array.fromHex("ff534d4272"));
    w.zeros(27);
    w.u8(0);
    w.u16le(names.length);
    for (const char of names) w.u8(char.charCodeAt(0));
    return w.take();
  };
  const read = (names: string) => decode(readMultiProtocolHello, hello(names));
  expect(read("\x02NT LM 0.12\0\x02SMB 2.002\0\x02SMB 2.???\0")).toEqual({ ok: true, value: 0x02ff });
  expect(read("\x02NT LM 0.12\0\x02SMB 2.002\0")).toEqual({ ok: true, value: 0x0202 });
  expect(read("\x02NT LM 0.12\0").ok).toBe(false);
  fc.assert(fc.property(fc.uint8Array(), (b) => void decode(readMultiProtocolHello, b)));
});

test("any set-information class reads garbage without harm", () => {
  fc.assert(
    fc.property(u8, bytes, (infoClass, data) => {
      const read = readSetFile(infoClass);
      if (read) decode(read, data);
    }),
  );
});
