import { expect, test } from "bun:test";
import { asUnixMs } from "../base/time.ts";
import { transferLine, type TransferRow } from "./transfer-line.ts";

const row: TransferRow = {
  at: asUnixMs(Date.parse("2026-11-01T04:05:06Z")),
  ms: 1600,
  user: "ann",
  door: "ftp",
  address: "192.0.2.1",
  way: "in",
  path: "/a b\n1.txt",
  bytes: 1234,
  outcome: "ok",
};

test("xferlog", () => {
  expect(transferLine.xferlog(row)).toBe(
    "Sun Nov 01 04:05:06 2026 2 192.0.2.1 1234 /a_b_1.txt b _ i r ann ftp 0 * c",
  );
  expect(transferLine.xferlog({ ...row, way: "out", outcome: "truncated" })).toEndWith(" o r ann ftp 0 * i");
});

test("JSON and the extended format, one line each whatever the name", () => {
  expect(JSON.parse(transferLine.json(row))).toMatchObject({ time: "2026-11-01T04:05:06.000Z", bytes: 1234 });
  expect(transferLine.extended(row)).toBe(
    "2026-11-01 04:05:06 1.600 192.0.2.1 ann ftp STOR /a%20b%0A1.txt 1234 ok",
  );
});
