import type { UnixMs } from "../base/time.ts";

export type Way = "in" | "out";

/** One file that was moved, or was not. */
export interface TransferRow {
  /** When it ended. */
  readonly at: UnixMs;
  /** How long it took. */
  readonly ms: number;
  readonly user: string;
  readonly door: string;
  readonly address: string;
  readonly way: Way;
  readonly path: string;
  readonly bytes: number;
  /** "ok", or the fault's code. */
  readonly outcome: string;
}

export const transferFormats = ["xferlog", "json", "extended"] as const;
export type TransferFormat = (typeof transferFormats)[number];

/** One transfer as a line, without its ending. Names cannot break it. */
export const transferLine: Record<TransferFormat, (row: TransferRow) => string> = {
  xferlog: xferlogLine,
  json: ({ at, ...row }) => JSON.stringify({ time: new Date(at).toISOString(), ...row }),
  extended: extendedLine,
};

/** What stands at the top of a new file. */
export const transferHead: Record<TransferFormat, string> = {
  xferlog: "",
  json: "",
  extended: `#Version: 1.0
#Software: Holdfast
#Fields: date time time-taken c-ip cs-username s-port-name cs-method cs-uri-stem bytes x-outcome
`,
};

/** xferlog(5), as wu-ftpd, ProFTPD and vsftpd write it; times are UTC:
 *  time, seconds, host, bytes, path, type, action, direction, mode, user, service, method, id, completion */
function xferlogLine({ at, ms, user, door, address, way, path, bytes, outcome }: TransferRow): string {
  const [weekday, day, month, year, time] = new Date(at).toUTCString().replace(",", "").split(" ");
  const when = `${weekday} ${month} ${day} ${time} ${year}`;
  const what = `${bytes} ${oneWord(path)} b _ ${way === "in" ? "i" : "o"}`;
  const end = outcome === "ok" ? "c" : "i";
  const seconds = Math.max(1, Math.round(ms / 1000));
  return `${when} ${seconds} ${address} ${what} r ${oneWord(user)} ${door} 0 * ${end}`;
}

/** W3C Extended Log File Format. */
function extendedLine({ at, ms, user, door, address, way, path, bytes, outcome }: TransferRow): string {
  const [date, time] = new Date(at).toISOString().slice(0, 19).split("T");
  const taken = (ms / 1000).toFixed(3);
  const stem = encodeURI(path).replace(/[\s"]/g, "_");
  const method = way === "in" ? "STOR" : "RETR";
  return `${date} ${time} ${taken} ${address} ${oneWord(user)} ${door} ${method} ${stem} ${bytes} ${outcome}`;
}

// oxlint-disable-next-line no-control-regex -- control characters are the very thing taken out
const oneWord = (text: string): string => text.replace(/[\s\x00-\x1f\x7f]/g, "_") || "-";
