import { readEmptyBody, writeEmptyBody } from "../empty-body.ts";
import { reply, serving, type Handler } from "../step.ts";

/** ECHO (MS-SMB2 §3.3.5.17). */
export const serveEcho: Handler = serving(readEmptyBody, () => reply(writeEmptyBody));
