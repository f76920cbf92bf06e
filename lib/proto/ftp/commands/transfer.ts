import type { FaultCode } from "../../../base/fault.ts";
import { ask, type Flow, type Opened, type Opening } from "../asks.ts";
import type { Control } from "../control.ts";

/** What RETR, STOR and the listings have in common: open, 150, meet, move, 226 (RFC 959 §5.4). `codes` says
 *  what opening answers where it is not the usual. */
export function* transfer(
  control: Control,
  verb: string,
  opening: Opening,
  announce: (opened: Opened) => string,
  codes: Partial<Record<FaultCode, number>> = {},
): Flow {
  control.restart = 0;
  control.range = undefined;
  if (control.secured && !control.privateData && !control.policy.clearData) {
    return control.reply(521, "Data moves over TLS only: send PROT P");
  }
  const state = { verb, aborted: false };
  control.transfer = state;
  yield* move(control, opening, announce, codes);
  control.transfer = undefined;
  return state.aborted ? control.reply(226, "Aborted") : undefined;
}

function* move(
  control: Control,
  opening: Opening,
  announce: (opened: Opened) => string,
  codes: Partial<Record<FaultCode, number>>,
): Flow {
  const opened = yield* ask("open", opening);
  if (!opened.ok) return control.refuse(opened.fault, codes[opened.fault.code]);
  control.reply(150, announce(opened.value));
  const met = yield* ask("meet", { secure: control.privateData });
  if (!met.ok) return control.refuse(met.fault, noMeeting[met.fault.code]);
  const done = yield* ask("run", {
    ascii: control.ascii && opening.to !== "list",
    deflate: control.deflated ? control.deflateLevel : undefined,
  });
  if (!done.ok) return control.refuse(done.fault);
  return control.reply(226, `Complete, ${done.value.bytes} bytes`);
}

const noMeeting: Partial<Record<FaultCode, number>> = { unavailable: 425, timeout: 425, denied: 522 };
