import { readFileSync } from "node:fs";
import { fail, ok, type Result } from "../../../lib/base/result.ts";
import { isSubject } from "../../../lib/proto/nats/text.ts";
import { amqpTarget } from "./amqp.ts";
import { natsTarget } from "./nats.ts";
import { redisTarget } from "./redis.ts";
import { placeOf, type Address, type EventTarget } from "./target.ts";
import { webhookTarget } from "./webhook.ts";

const nameForm = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;

/** Reads `NAME=URL#OPTIONS` each. Faults: invalid, saying which and never what its secrets are. */
export function readTargets(
  texts: readonly string[],
  newInbox: () => string,
): Result<ReadonlyMap<string, EventTarget>> {
  const targets = new Map<string, EventTarget>();
  for (const [i, text] of texts.entries()) {
    const where = `notify.targets, line ${i + 1}`;
    const equals = text.indexOf("=");
    const name = text.slice(0, Math.max(equals, 0));
    const no = (what: string): Result<never> =>
      fail("invalid", what, { where, mend: "write it as NAME=URL: see the manual of notify.targets" });
    if (!nameForm.test(name)) return no("a target's name has 1 to 64 letters, digits, - and _");
    if (targets.has(name)) return no(`the target ${name} is there twice`);
    const read = readAddress(name, text.slice(equals + 1));
    if (typeof read === "string") return no(`target ${name}: ${read}`);
    const made = makeTarget(read, newInbox);
    if (typeof made === "string") return no(`target ${name}: ${made}`);
    targets.set(name, made);
  }
  return ok(targets);
}

function readAddress(name: string, text: string): Address | string {
  if (!URL.canParse(text)) return "this is no URL";
  const url = new URL(text);
  const options = new URLSearchParams(url.hash.slice(1));
  const file = options.get("ca");
  if (file === null) return { name, url, options, ca: undefined };
  try {
    return { name, url, options, ca: readFileSync(file, "utf8") };
  } catch {
    return `its authority's file cannot be read: ${file}`;
  }
}

function makeTarget(address: Address, newInbox: () => string): EventTarget | string {
  switch (address.url.protocol) {
    case "http:":
    case "https:":
      return webhookTarget(address);
    case "redis:":
    case "rediss:": {
      const mode = address.options.get("mode") ?? "list";
      if (!["list", "stream", "channel"].includes(mode)) return "mode is list, stream or channel";
      return placeOf(address) === "" ? "its path names the list, stream or channel" : redisTarget(address);
    }
    case "nats:":
    case "tls:":
      if (!isSubject(placeOf(address))) return "its path names the subject, without wildcards";
      return natsTarget(address, `_INBOX.${newInbox()}`);
    case "amqp:":
    case "amqps:":
      if ((address.options.get("key") ?? "") === "" && !address.options.get("exchange")) {
        return "key= names the queue, or exchange= the exchange";
      }
      return amqpTarget(address);
    default:
      return "its scheme is http, https, redis, rediss, nats, tls, amqp or amqps";
  }
}
