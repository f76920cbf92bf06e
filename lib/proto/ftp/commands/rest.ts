import { command } from "../command.ts";

/** RFC 3659 §5. Kept over PASV, EPSV, PORT and TYPE; used up by the next transfer. */
export const rest = command("REST", "<byte>", (control, argument) => {
  const digits = argument.trim();
  if (!/^\d{1,19}$/.test(digits) || BigInt(digits) > maxOffset) {
    return control.reply(501, "REST takes a count of bytes");
  }
  const at = Number(digits);
  if (at > 0 && control.ascii) return control.reply(501, "In TYPE A there is only the beginning");
  control.restart = at;
  control.range = undefined;
  return control.reply(350, `The next transfer begins at ${at}`);
});

const maxOffset = 2n ** 63n - 1n;
