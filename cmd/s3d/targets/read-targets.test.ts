import { expect, test } from "bun:test";
import { readTargets } from "./read-targets.ts";

const read = (...texts: string[]) => readTargets(texts, () => "inbox");

test("targets are read, and shown without their secrets", () => {
  const made = read(
    "hook=https://user:secret@hooks.example.org/x?y=1#token=t",
    "list=redis://:secret@r.example.org/events",
    "bus=nats://n.example.org:4333/a.b#jetstream",
    "q=amqp://u:secret@b.example.org/vhost#key=events",
  );
  if (!made.ok) throw new Error(made.fault.what);
  const shown = [...made.value.values()].map(({ name, kind, at }) => `${name} ${kind} ${at}`);
  expect(shown).toEqual([
    "hook webhook https://hooks.example.org",
    "list redis redis://r.example.org",
    "bus nats nats://n.example.org:4333",
    "q amqp amqp://b.example.org",
  ]);
});

test.each([
  "nameless",
  "a b=http://x/",
  "a=nonsense",
  "a=ftp://x/",
  "a=redis://x/",
  "a=redis://x/k#mode=set",
  "a=nats://x/a.*",
  "a=amqp://u:secret@x/",
  "a=https://u:secret@x/#ca=/nowhere/at/all",
])("%s is refused, and says no secret", (text) => {
  const made = read(text);
  expect(made.ok).toBe(false);
  expect(JSON.stringify(made)).not.toContain("secret");
});

test("two of a name are refused", () => {
  expect(read("a=http://x/", "a=http://y/").ok).toBe(false);
});
