import { command } from "../command.ts";

/** draft-bryan-ftp-range §3: both ends included; "1 0" takes it back. For the next RETR or HASH. */
export const rang = command("RANG", "<start> <end>", (control, argument) => {
  const [, first = "", last = ""] = /^(\d{1,15}) (\d{1,15})$/.exec(argument.trim()) ?? [];
  if (first === "") return control.reply(501, "RANG start end");
  if (control.ascii) return control.reply(551, "In TYPE A there is only the whole");
  const [from, until] = [Number(first), Number(last) + 1];
  control.restart = 0;
  if (from === 1 && until === 1) {
    control.range = undefined;
    return control.reply(350, "The whole again");
  }
  if (until <= from) return control.reply(501, "The end is before the start");
  control.range = { from, until };
  return control.reply(350, `The next transfer is of bytes ${from} to ${until - 1}`);
});
