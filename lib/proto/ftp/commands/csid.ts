import { command } from "../command.ts";

/** draft-peterson-streamlined-ftp-command-extensions §3: each side says what it is. */
export const csid = command(
  "CSID",
  "[facts]",
  (control) => control.reply(200, "Name=Holdfast; CaseSensitive=1; DirSep=/; MaxPathLength=4096;"),
  { login: false },
);
