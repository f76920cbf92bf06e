import { expect, test } from "bun:test";
import { expiryOf, homeOf, quotaOf } from "./amounts.ts";
import { Printer, visible, type Look } from "./printer.ts";

function printed(look: Partial<Look>, say: (print: Printer) => void): { out: string; err: string } {
  const said = { out: "", err: "" };
  say(
    new Printer({ json: false, quiet: false, colour: false, ...look }, (fd, text) => {
      said[fd === 1 ? "out" : "err"] += text;
    }),
  );
  return said;
}

test("columns stand under one another, by what a terminal shows", () => {
  const { out } = printed({}, (print) =>
    print.table(
      ["NAME", "SIZE"],
      [
        ["東京", "1"],
        ["b", "22"],
      ],
      "none",
    ),
  );
  expect(out).toBe("NAME  SIZE\n東京  1\nb     22\n");
  const rows = (print: Printer): void => print.table(["NAME"], [["a"], ["b"]], "none");
  expect(printed({ quiet: true }, rows).out).toBe("a\nb\n");
  expect(printed({}, (print) => print.table(["NAME"], [], "none yet")).out).toBe("none yet\n");
});

test("a name cannot move the cursor, whatever it holds", () => {
  const nasty = "a\u001b[2Jb\r\u0007\u009b1m\u202e";
  for (const colour of [false, true])
    for (const say of [
      (print: Printer) => print.line(nasty),
      (print: Printer) => print.note(nasty),
      (print: Printer) => print.table(["N"], [[nasty]], ""),
      (print: Printer) => print.record([["n", nasty]]),
      (print: Printer) => print.painted(print.bad(nasty)),
      (print: Printer) => print.refuse({ code: "io", what: nasty, where: nasty, mend: nasty }),
    ]) {
      const { out, err } = printed({ colour }, say);
      expect(out + err).toContain("a\ufffd[2Jb");
      const paint = ["0", "1", "2", "31"].map((code) => `\u001b[${code}m`);
      const rest = [...paint, "\n"].reduce((text, mark) => text.replaceAll(mark, ""), out + err);
      expect(visible(rest)).toBe(rest);
    }
});

test("a refusal has three lines, or is JSON", () => {
  const fault = { code: "busy" as const, what: "it is busy", where: "there", mend: "wait" };
  expect(printed({}, (print) => print.refuse(fault)).err).toBe("it is busy\n  at: there\n  mend: wait\n");
  expect(JSON.parse(printed({ json: true }, (print) => print.refuse(fault)).err)).toEqual({ error: fault });
});

test("amounts and moments as people write them", () => {
  expect(expiryOf("30d", 0)).toEqual({ ok: true, value: "1970-01-31T00:00:00.000Z" });
  expect(expiryOf("never")).toEqual({ ok: true, value: null });
  expect(expiryOf("soon").ok).toBe(false);
  expect(quotaOf("10GiB")).toEqual({ ok: true, value: 10 * 2 ** 30 });
  expect(quotaOf("much").ok).toBe(false);
  expect(homeOf("/projects/mia")).toEqual({ bucket: "projects", prefix: "mia/" });
  expect(homeOf("projects")).toEqual({ bucket: "projects", prefix: "" });
});
