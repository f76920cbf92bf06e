import { ask, type Flow, type Opened, type Opening } from "../asks.ts";
import type { Control } from "../control.ts";

/** What RETR, STOR and the listings have in common: open, 150, move, 226 (RFC 959 §5.4). */
export function* transfer(
  control: Control,
  verb: string,
  opening: Opening,
  announce: (opened: Opened) => string,
): Flow {
  control.restart = 0;
  if (control.secured && !control.privateData && !control.policy.clearData) {
    return control.reply(521, "Data moves over TLS only: send PROT P");
  }
  const state = { verb, aborted: false };
  control.transfer = state;
  const opened = yield* ask("open", opening);
  if (!opened.ok) {
    control.transfer = undefined;
    control.refuse(opened.fault);
    return afterwards(control, state.aborted);
  }
  control.reply(150, announce(opened.value));
  const ascii = control.ascii && opening.to !== "list";
  const done = yield* ask("run", { secure: control.privateData, ascii });
  control.transfer = undefined;
  if (done.ok) control.reply(226, `Complete, ${done.value.bytes} bytes`);
  else control.refuse(done.fault);
  return afterwards(control, state.aborted);
}

function afterwards(control: Control, aborted: boolean): void {
  if (aborted) control.reply(226, "Aborted");
}
