import { afterEach, expect, test } from "bun:test";
import { silentLog } from "../watch/log.ts";
import { keepChildren, type Children } from "./children.ts";

const running: Children[] = [];
afterEach(async () => {
  for (const children of running.splice(0)) await children.stop();
});

const program = (code: string): string[] => [process.execPath, "-e", code];
const serving = `console.log("serving"); process.on("SIGTERM", () => process.exit(0));
  setInterval(() => {}, 1e6);`;

function keep(plans: Record<string, string>) {
  const lines: string[] = [];
  const said: string[] = [];
  const children = keepChildren(
    Object.entries(plans).map(([name, code]) => ({ name, command: program(code) })),
    {
      log: silentLog,
      onLine: (name, line) => void lines.push(`${name}: ${line}`),
      onSaid(name, line) {
        said.push(`${name}: ${line}`);
        return line === "serving";
      },
      chance: () => 0,
    },
  );
  running.push(children);
  return { children, lines, said };
}

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!condition()) {
    if (performance.now() > end) throw new Error("it never happened");
    await Bun.sleep(5);
  }
}

test("each child's lines are handed on under its name", async () => {
  const { children, lines, said } = keep({
    a: `console.error("one\\ntwo"); ${serving}`,
    b: `console.error("three"); ${serving}`,
  });
  const settled = await children.settled;
  expect([...settled.values()]).toEqual([{ serving: true }, { serving: true }]);
  await until(() => lines.length === 3);
  expect(lines.toSorted((x, y) => (x < y ? -1 : 1))).toEqual(["a: one", "a: two", "b: three"]);
  expect(said).toContain("a: serving");
});

test("one that dies is started again, under another process id", async () => {
  const { children } = keep({ a: serving });
  await children.settled;
  const first = children.pids().get("a")!;
  process.kill(first, "SIGKILL");
  await until(() => (children.pids().get("a") ?? first) !== first);
});

test("one that never served is given up, and what it said is told", async () => {
  const { children } = keep({ a: `console.error("the port is taken"); process.exit(69)` });
  expect((await children.settled).get("a")).toEqual({
    serving: false,
    code: 69,
    said: "the port is taken",
  });
  expect(children.pids().size).toBe(0);
});

test("a wrong configuration is not tried again", async () => {
  const { children, lines } = keep({ a: `console.error("unknown key"); process.exit(78)` });
  expect((await children.settled).get("a")).toMatchObject({ serving: false, code: 78 });
  expect(lines).toHaveLength(1);
});

test("stop ends all of them, also one that waits to be started again", async () => {
  const { children } = keep({ a: serving, b: `process.exit(1)` });
  await until(() => !children.pids().has("b"));
  const started = performance.now();
  await children.stop();
  expect(performance.now() - started).toBeLessThan(4500);
  expect(children.pids().size).toBe(0);
  expect((await children.settled).size).toBe(2);
});

test("a child's standard input ends when its parent is killed", async () => {
  const child = `process.stdin.on("data", () => {}).on("end", () => process.exit(0));
    console.log(process.pid)`;
  const parent = `
    const child = Bun.spawn(${JSON.stringify(program(child))}, { stdin: "pipe", stdout: "inherit" });
    setInterval(() => {}, 1e6);`;
  const spawned = Bun.spawn(program(parent), { stdout: "pipe", stdin: "ignore" });
  const { value } = await spawned.stdout.getReader().read();
  const pid = Number(new TextDecoder().decode(value));
  spawned.kill("SIGKILL");
  await until(() => !isAlive(pid));
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
