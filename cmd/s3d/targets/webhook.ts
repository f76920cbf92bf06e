import { passOf, plainAt, refused, sent, targetPatienceMs, unreachable, userOf } from "./target.ts";
import type { Address, Delivery, EventTarget } from "./target.ts";

/** POSTs each event to an address. 2xx is taken; 408, 425, 429 and 5xx are tried again; anything else, a
 *  redirect too, is a refusal. Options: `token=` (sent as Authorization: Bearer), `ca=`. */
export function webhookTarget(address: Address): EventTarget {
  const { name, options, ca } = address;
  const url = new URL(address.url);
  url.hash = url.username = url.password = "";
  const token = options.get("token");
  const basic = userOf(address) === "" ? undefined : btoa(`${userOf(address)}:${passOf(address)}`);
  const headers = {
    "content-type": "application/json",
    "user-agent": "holdfast-s3d",
    ...(token ? { authorization: `Bearer ${token}` } : basic ? { authorization: `Basic ${basic}` } : {}),
  };
  return {
    name,
    kind: "webhook",
    at: plainAt(address),
    async send(body): Promise<Delivery> {
      try {
        const signal = AbortSignal.timeout(targetPatienceMs);
        const how = { method: "POST", headers, body, redirect: "manual", signal } as const;
        const answer = await fetch(url, { ...how, ...(ca ? { tls: { ca } } : {}) });
        await answer.body?.cancel();
        return judged(answer.status);
      } catch (error) {
        const { code, name: kind } = error as { code?: string; name?: string };
        return unreachable(code ?? (kind === "TimeoutError" ? "no answer in time" : "not reached"));
      }
    },
    [Symbol.dispose]() {},
  };
}

const later: ReadonlySet<number> = new Set([408, 425, 429]);

function judged(status: number): Delivery {
  if (status >= 200 && status < 300) return sent;
  const why = `it answered ${status}`;
  return status >= 500 || later.has(status) ? unreachable(why) : refused(why);
}
