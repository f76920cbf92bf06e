import { longLine } from "../../../base/long-listing.ts";
import { pathText } from "../../../base/path.ts";
import { ask, type Flow } from "../asks.ts";
import { command } from "../command.ts";
import type { Control } from "../control.ts";
import { withoutOptions } from "../listing.ts";

/** RFC 959 §4.1.3: how the connection or transfer stands, or a listing over the control connection. */
export const stat = command(
  "STAT",
  "[path]",
  (control, argument) => {
    if (control.transfer) return progress(control, control.transfer.verb);
    if (argument.trim() === "") return status(control);
    if (!control.account) return control.reply(530, "Sign in first");
    return listing(control, argument);
  },
  { login: false, transfer: "during" },
);

/** A folder's lines that a control connection carries; LIST has no such bound. */
const maxLines = 1000;

function status(control: Control): undefined {
  const who = control.account ? `Signed in as ${control.account.user}` : "Not signed in";
  const tls = control.secured ? `TLS, data ${control.privateData ? "private" : "clear"}` : "Not secured";
  const type = control.ascii ? "ASCII" : "image";
  const mode = control.deflated ? "deflated" : "stream";
  const lines = [who, tls, `Type ${type}, structure file, mode ${mode}`];
  return control.replyLines(211, "Holdfast file transfer", lines, "End");
}

function* progress(control: Control, verb: string): Flow {
  const moved = yield* ask("progress", {});
  const bytes = moved.ok ? moved.value.bytes : 0;
  return control.reply(211, `${verb} has moved ${bytes} bytes`);
}

function* listing(control: Control, argument: string): Flow {
  const path = control.pathOf(withoutOptions(argument));
  if (!path.ok) return control.refuse(path.fault, 450);
  const found = yield* ask("stat", { path: path.value });
  if (!found.ok) return control.refuse(found.fault, found.fault.code === "not-found" ? 450 : undefined);
  const title = `Status of ${pathText(path.value)}`;
  if (found.value.kind !== "folder") {
    return control.replyLines(213, title, [longLine(found.value, control.policy.wall())], "End");
  }
  const lines = yield* ask("lines", { path: path.value, limit: maxLines });
  if (!lines.ok) return control.refuse(lines.fault);
  return control.replyLines(212, title, lines.value, "End");
}
