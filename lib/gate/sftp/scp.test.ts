import { expect, test } from "bun:test";
import { concat, lossyText, utf8 } from "../../base/bytes.ts";
import { must, ok } from "../../base/result.ts";
import { asInstant, handClock } from "../../base/time.ts";
import { readExecCommand, wordsOf } from "../../proto/sftp/exec-command.ts";
import { ScpSession } from "../../proto/sftp/scp-session.ts";
import { scpSink } from "../../proto/sftp/scp-sink.ts";
import { scpSource } from "../../proto/sftp/scp-source.ts";
import type { User } from "../../rules/identity.ts";
import type { Files } from "../../store/files.ts";
import { memoryFiles } from "../../store/memory-files.ts";
import { silentLog } from "../../watch/log.ts";
import { FileTally } from "../file-tally.ts";
import { SftpConversation } from "./conversation.ts";

const at = asInstant(0);

/** One run of scp on files in memory. */
class Run {
  readonly session: ScpSession;
  readonly conversation: SftpConversation;
  closed = false;
  #sent: Uint8Array[] = [];

  constructor(files: Files, command: string) {
    const parsed = readExecCommand(command);
    if (parsed.run !== "scp") throw new Error("not scp");
    const run = parsed.way === "to" ? scpSink : scpSource;
    this.session = new ScpSession((say) => run(parsed, say));
    const user = { id: "u", name: "ann" } as User;
    const needs = {
      admit: () => ok(() => {}),
      transferred() {},
      filesOf: async () => ok(files),
      pacer: () => undefined,
      audit: { tell() {} },
      tally: new FileTally(
        { counter: () => ({ add() {} }), gauge: () => ({ set() {} }), histogram: () => ({ observe() {} }) },
        "sftp",
      ),
      log: silentLog,
      clock: handClock(),
    };
    const actor = { principal: { kind: "user", user }, door: "sftp", address: "", request: "r" } as const;
    this.conversation = new SftpConversation(needs, { actor, user, files, leave() {} }, "drop", this.session);
  }

  async say(...parts: string[]): Promise<string> {
    for (const part of parts) {
      this.session.receive(utf8(part));
      await this.#settle();
    }
    await this.#settle();
    const text = lossyText(concat(this.#sent));
    this.#sent = [];
    return text;
  }
  async #settle(): Promise<void> {
    for (let effect = this.session.poll(); effect; effect = this.session.poll()) {
      if (effect.do === "send") this.#sent.push(effect.bytes);
      if (effect.do === "close") this.closed = true;
      if (effect.do !== "ask") continue;
      const { id, ask } = effect;
      this.conversation.session.answer(id, await this.conversation.perform(ask), at);
    }
  }
}

const newFiles = (): Files => memoryFiles({ clock: handClock() });

async function put(files: Files, path: string[], text: string): Promise<void> {
  const file = must(await files.open(path, { read: false, write: true, create: "may", truncate: true }));
  must(await file.write(0, utf8(text)));
  must(await file.close());
}
async function get(files: Files, path: string[]): Promise<string> {
  const file = must(await files.open(path, { read: true, write: false, create: "must", truncate: false }));
  return lossyText(must(await file.read(0, 10_000)));
}

test("one file comes in, under its name or the target's", async () => {
  const files = newFiles();
  const run = new Run(files, "scp -t /f");
  expect(await run.say()).toBe("\0");
  expect(await run.say("C0640 5 other\n")).toBe("\0");
  expect(await run.say("he", "llo", "\0")).toBe("\0");
  expect(await get(files, ["f"])).toBe("hello");
  const into = new Run(files, "scp -t .");
  expect(await into.say("C0640 2 g\nok\0C0600 0 empty\n\0")).toBe("\0\0\0\0\0");
  expect(await get(files, ["g"])).toBe("ok");
  expect(must(await files.stat(["empty"]))).toMatchObject({ size: 0, mode: 0o600 });
});

test("a tree comes in, with times", async () => {
  const files = newFiles();
  const run = new Run(files, "scp -r -p -t /");
  await run.say("T1600000000 0 1 0\nD0755 0 d\nT1500000000 0 1 0\nC0644 1 x\n1\0E\nC0644 1 y\n2\0");
  expect(must(await files.stat(["d", "x"])).modifiedAt as number).toBe(1_500_000_000_000);
  expect(await get(files, ["y"])).toBe("2");
});

test("what is no plain name or no scp is refused, and nothing leaves the root", async () => {
  for (const bad of [
    "C0644 1 ../x\n",
    "C0644 1 ..\n",
    "C0644 1 a/b\n",
    "C0644 -1 x\n",
    "C0644 99999999999999999 x\n",
    "D0755 0 d\n",
    "E\n",
    "hello\n",
    `C0644 1 ${"x".repeat(5000)}\n`,
  ]) {
    const run = new Run(newFiles(), "scp -t /");
    const said = await run.say(bad);
    expect([bad.slice(0, 20), said.slice(1, 2), run.closed]).toEqual([
      bad.slice(0, 20),
      bad.length > 5000 ? "" : "\x02",
      true,
    ]);
  }
});

test("folders ten thousand deep end early", async () => {
  const run = new Run(newFiles(), "scp -r -t /");
  const said = await run.say("D0755 0 d\n".repeat(200));
  expect(said).toContain("\x02");
  expect(run.closed).toBe(true);
});

test("a file goes out, with its time", async () => {
  const files = newFiles();
  await put(files, ["a b"], "hello");
  const run = new Run(files, "scp -p -f 'a b'");
  expect(await run.say()).toBe("");
  expect(await run.say("\0")).toMatch(/^T\d+ 0 \d+ 0\n$/);
  expect(await run.say("\0")).toBe("C0644 5 a b\n");
  expect(await run.say("\0")).toBe("hello\0");
  expect(await run.say("\0")).toBe("");
  expect([run.closed, run.session.exitStatus]).toEqual([true, 0]);
});

test("a tree goes out; without -r, or where nothing is, it is said", async () => {
  const files = newFiles();
  must(await files.makeFolder(["d"]));
  await put(files, ["d", "x"], "1");
  const run = new Run(files, "scp -r -f d");
  expect(await run.say("\0", "\0", "\0", "\0", "\0")).toBe("D0755 0 d\nC0644 1 x\n1\0E\n");
  const plain = new Run(files, "scp -f d none");
  expect(await plain.say("\0")).toBe(
    "\x01scp: d: not a regular file\n\x01scp: none: there is no such file or folder\n",
  );
  expect(plain.session.exitStatus).toBe(1);
});

test("commands are words, and nothing but scp exists", () => {
  expect(wordsOf(`scp -t -- 'a b' "c\\"d" e\\ f ''`)).toEqual(["scp", "-t", "--", "a b", 'c"d', "e f", ""]);
  expect(wordsOf("scp 'open")).toBeUndefined();
  expect(readExecCommand("/usr/bin/scp -rf x y")).toMatchObject({
    way: "from",
    recursive: true,
    paths: ["x", "y"],
  });
  for (const text of ["sh -c id", "scp -t x; id", "scp x", "scp -tf x", "scp -t", "", "rsync --server"]) {
    const read = readExecCommand(text);
    expect([text, read.run === "scp" && read.paths.length === 1 && read.paths[0] === "x"]).toEqual([
      text,
      false,
    ]);
  }
});
