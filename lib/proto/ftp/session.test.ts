import { expect, test } from "bun:test";
import { concat, utf8 } from "../../base/bytes.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { codes, entry, Stage } from "./stage.ts";

test("a session from hello to goodbye", () => {
  const stage = new Stage();
  expect(codes(stage.say("USER ann\r\n"))).toEqual([331]);
  expect(stage.say("PASS  two words \r\n")).toBe("");
  expect(stage.asks).toEqual([{ kind: "login", user: "ann", password: " two words ", secured: false }]);
  expect(codes(stage.tell(ok({ user: "ann" })))).toEqual([230]);
  expect(stage.say("PWD\r\n")).toBe('257 "/" is where you are\r\n');
  stage.say('CWD /a/../b "q"/\r\n');
  expect(stage.asks.at(-1)).toEqual({ kind: "stat", path: ['b "q"'] });
  expect(codes(stage.tell(ok(entry("b", "folder"))))).toEqual([250]);
  expect(stage.say("PWD\r\n")).toBe('257 "/b ""q""" is where you are\r\n');
  expect(codes(stage.say("QUIT\r\n"))).toEqual([221]);
  expect(stage.closed).toBe(true);
});

test("nothing but the doors is open before signing in", () => {
  const stage = new Stage();
  for (const verb of [
    "CWD /",
    "PASV",
    "RETR x",
    "STOR x",
    "SITE HELP",
    "MKD x",
    "DELE x",
    "MLST",
    "REST 3",
  ]) {
    expect(codes(stage.say(`${verb}\r\n`))).toEqual([530]);
  }
  for (const verb of ["FEAT", "HELP", "OPTS UTF8 ON", "NOOP", "SYST", "STAT", "CLNT x", "ABOR"]) {
    expect(codes(stage.say(`${verb}\r\n`))[0]).toBeLessThan(300);
  }
  expect(codes(stage.say("PASS x\r\n"))).toEqual([503]);
  expect(codes(stage.say("RNTO x\r\n"))).toEqual([530]);
  expect(stage.asks).toEqual([]);
});

test("wrong passwords get one answer, and the third ends it", () => {
  const stage = new Stage();
  const no = fail("unauthenticated", "whatever the reason");
  for (const code of [530, 530, 421]) {
    stage.say("USER ann\r\nPASS x\r\n");
    expect(codes(stage.tell(no))).toEqual([code]);
  }
  expect(stage.closed).toBe(true);
});

test("commands sent ahead run one after another", () => {
  const stage = new Stage().signIn();
  expect(stage.say("MKD a\r\nCWD a\r\nPWD\r\n")).toBe("");
  expect(codes(stage.tell(ok()))).toEqual([257]);
  expect(codes(stage.tell(ok(entry("a", "folder"))))).toEqual([250, 257]);
});

test("a download: 150 once it is open, 226 once it is out", () => {
  const stage = new Stage().signIn();
  stage.say("TYPE I\r\nEPSV\r\n");
  expect(stage.tell(ok({ host: "192.0.2.9", port: 4000 }))).toBe(
    "229 Entering Extended Passive Mode (|||4000|)\r\n",
  );
  stage.say("REST 5\r\nRETR f\r\n");
  expect(stage.asks.at(-1)).toEqual({ kind: "open", to: "retrieve", path: ["f"], from: 5 });
  expect(stage.tell(ok({ size: 10, name: undefined }))).toBe("150 Sending f (10 bytes)\r\n");
  expect(stage.asks.at(-1)).toEqual({ kind: "meet", secure: false });
  expect(stage.tell(ok())).toBe("");
  expect(stage.asks.at(-1)).toEqual({ kind: "run", ascii: false });
  expect(codes(stage.tell(ok({ bytes: 10 })))).toEqual([226]);
  stage.say("RETR f\r\n");
  expect(stage.asks.at(-1)).toMatchObject({ from: 0 });
});

test("what cannot be opened is said instead of 150", () => {
  const stage = new Stage().signIn();
  const answers: [Result<never>, number][] = [
    [fail("not-found", "no such file"), 550],
    [fail("quota", "too much"), 552],
    [fail("no-space", "full"), 452],
    [fail("busy", "locked"), 450],
    [fail("bad-range", "beyond the end"), 554],
  ];
  for (const [answer, code] of answers) {
    stage.say("STOR f\r\n");
    expect(codes(stage.tell(answer))).toEqual([code]);
  }
});

test("ABOR during a transfer: 426 for it, then 226 for ABOR", () => {
  const stage = new Stage().signIn();
  stage.say("STOR f\r\n");
  stage.tell(ok({ size: undefined, name: undefined }));
  stage.tell(ok());
  expect(stage.say(concat([Uint8Array.of(0xff, 0xf4, 0xf2), utf8("ABOR\r\n")]))).toBe("");
  expect(stage.open.map(({ ask }) => ask.kind)).toEqual(["run", "abort"]);
  expect(stage.tell(ok(), 1)).toBe("");
  expect(codes(stage.tell(fail("cancelled", "aborted")))).toEqual([426, 226]);
  expect(codes(stage.say("ABOR\r\n"))).toEqual([225]);
});

test("STAT during a transfer answers at once, the rest waits its turn", () => {
  const stage = new Stage().signIn();
  stage.say("RETR f\r\n");
  stage.tell(ok({ size: 3, name: undefined }));
  stage.tell(ok());
  expect(stage.say("NOOP\r\nSTAT\r\nQUIT\r\n")).toBe("");
  expect(stage.tell(ok({ bytes: 77 }), 1)).toBe("211 RETR has moved 77 bytes\r\n");
  expect(codes(stage.tell(ok({ bytes: 99 })))).toEqual([226, 200, 221]);
  expect(stage.closed).toBe(true);
});

test("AUTH TLS forgets everything, and bytes behind it end the connection", () => {
  const stage = new Stage().signIn();
  expect(codes(stage.say("PBSZ 0\r\n"))).toEqual([503]);
  expect(codes(stage.say("AUTH TLS\r\n"))).toEqual([234]);
  expect(stage.secured).toBe(true);
  expect(codes(stage.say("PWD\r\n"))).toEqual([530]);
  expect(codes(stage.say("PROT P\r\n"))).toEqual([503]);
  expect(stage.say("PBSZ 1\r\n")).toBe("200 PBSZ=0\r\n");
  expect(codes(stage.say("PROT S\r\nPROT X\r\nPROT P\r\nAUTH TLS\r\n"))).toEqual([536, 504, 200, 503]);
  const slipped = new Stage();
  slipped.say("AUTH TLS\r\nUSER eve\r\n");
  expect(slipped.closed).toBe(true);
});

test("where TLS is required nobody signs in without, and data stays private", () => {
  const stage = new Stage({ tls: "required", clearData: false });
  expect(codes(stage.say("USER ann\r\n"))).toEqual([530]);
  stage.say("AUTH TLS\r\n");
  stage.signIn();
  expect(codes(stage.say("RETR f\r\n"))).toEqual([521]);
  expect(codes(stage.say("PBSZ 0\r\nPROT C\r\n"))).toEqual([200, 534]);
});

test("active mode goes to the client alone", () => {
  const stage = new Stage().signIn();
  const refusals: [string, number][] = [
    ["PORT 192,0,2,2,10,0", 500],
    ["PORT 127,0,0,1,10,0", 500],
    ["PORT 192,0,2,1,0,22", 500],
    ["PORT 192,0,2,1,10", 501],
    ["PORT 192,0,2,1,10,0,0", 501],
    ["PORT 192,0,2,256,10,0", 501],
    ["EPRT |3|192.0.2.1|4000|", 522],
    ["EPRT |1|192.0.2.1|4000", 501],
    ["EPRT |1|192.0.2.1|99999|", 501],
    ["EPRT |2|::ffff:7f00:1|4000|", 500],
  ];
  for (const [line, code] of refusals)
    expect([line, codes(stage.say(`${line}\r\n`))]).toEqual([line, [code]]);
  expect(stage.asks.filter((ask) => ask.kind === "active")).toEqual([]);
  stage.say("EPRT !2!::ffff:192.0.2.1!4000!\r\n");
  expect(codes(stage.tell(ok()))).toEqual([200]);
  stage.say("PORT 192,0,2,1,15,160\r\n");
  expect(stage.asks.at(-1)).toEqual({ kind: "active", host: "192.0.2.1", port: 4000 });
});

test("after EPSV ALL there is nothing but EPSV", () => {
  const stage = new Stage().signIn();
  expect(
    codes(stage.say("EPSV ALL\r\nPASV\r\nPORT 192,0,2,1,15,160\r\nEPRT |1|192.0.2.1|4000|\r\n")),
  ).toEqual([200, 503, 503, 503]);
});

test("RNFR lives until the next command", () => {
  const stage = new Stage().signIn();
  expect(codes(stage.say("RNTO b\r\n"))).toEqual([503]);
  stage.say("RNFR a\r\n");
  expect(codes(stage.tell(ok(entry("a"))))).toEqual([350]);
  stage.say("RNTO b\r\n");
  expect(stage.asks.at(-1)).toEqual({ kind: "rename", from: ["a"], to: ["b"] });
  expect(codes(stage.tell(ok()))).toEqual([250]);
  stage.say("RNFR a\r\n");
  stage.tell(ok(entry("a", "folder")));
  expect(codes(stage.say("RNTO a/b\r\n"))).toEqual([550]);
  stage.say("RNFR a\r\n");
  stage.tell(ok(entry("a")));
  expect(codes(stage.say("NOOP\r\nRNTO b\r\n"))).toEqual([200, 503]);
});

test("facts: one thing, chosen ones, unknown ones dropped", () => {
  const stage = new Stage().signIn();
  expect(stage.say("OPTS MLST size;type;media-type;Modify;\r\n")).toBe("200 MLST OPTS Type;Size;Modify;\r\n");
  stage.say("MLST f\r\n");
  expect(stage.tell(ok(entry("f")))).toBe(
    "250-Listing /f\r\n Type=file;Size=3;Modify=20261120090807; /f\r\n250 End\r\n",
  );
  expect(codes(stage.say(`OPTS MLST ${"x;".repeat(1000)}\r\n`))).toEqual([501]);
});

test("arguments are checked before anything is asked", () => {
  const stage = new Stage().signIn();
  const rows: [string, number][] = [
    ["RETR", 501],
    ["PASV x", 501],
    ["REST -1", 501],
    ["REST 9223372036854775808", 501],
    ["REST 5", 501],
    ["TYPE E", 504],
    ["TYPE L 36", 504],
    ["TYPE Q", 501],
    ["STRU R", 504],
    ["MODE B", 504],
    ["MFMT 20230230000000 f", 501],
    ["MFMT 19691231235959 f", 501],
    ["SIZE f", 550],
    ["SITE CHMOD 999 f", 501],
    ["SITE CHMOD -1 f", 501],
    ["SITE EXEC ls", 500],
    ["ALLO x", 501],
    ["SMNT x", 502],
    ["MFCT x", 502],
    ["CCC", 533],
    ["EPSV 3", 522],
    ["RMD /", 550],
    ["STOR /", 553],
    ["XYZZY", 500],
    ["MKD \u0001\r\nNOOP", 200],
  ];
  for (const [line, code] of rows.slice(0, -1)) {
    expect([line, codes(stage.say(`${line}\r\n`))]).toEqual([line, [code]]);
  }
  expect(stage.asks.length).toBe(1);
});
