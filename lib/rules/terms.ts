import { contains, parseIp, parsePrefix } from "../base/ip.ts";
import type { UnixMs } from "../base/time.ts";
import type { User } from "./identity.ts";

/** On what terms somebody may use the doors for files. What is absent is not limited. */
export interface Terms {
  /** When they may sign in: "mon-fri 08:00-18:00 Europe/Vienna"; any of them suffices. */
  readonly hours?: readonly string[] | undefined;
  /** From where: "192.0.2.0/24"; any of them suffices. */
  readonly networks?: readonly string[] | undefined;
  readonly sessions?: number | undefined;
  /** Bytes a second, of all their downloads together. */
  readonly downloadRate?: number | undefined;
  readonly uploadRate?: number | undefined;
  readonly downloadQuota?: Allowance | undefined;
  readonly uploadQuota?: Allowance | undefined;
  /** Other places that stand in their tree. */
  readonly folders?: readonly VirtualFolder[] | undefined;
}

/** So many bytes in each day, week (from Monday) or month, in UTC. */
export interface Allowance {
  readonly bytes: number;
  readonly per: Period;
}
export const periods = ["day", "week", "month"] as const;
export type Period = (typeof periods)[number];

export interface VirtualFolder {
  /** "/pub/common" */
  readonly at: string;
  readonly bucket: string;
  /** "" or "team/alice/" */
  readonly prefix: string;
}

/** Terms by whom they are for: "everyone", "group:staff", "user:ann". */
export type TermsBook = ReadonlyMap<string, Terms>;

/** One's own terms over those of one's groups, the first group first, over everyone's: each field is taken
 *  where it is first stated. Virtual folders are gathered from all; nearer ones win a place. */
export function termsOf(book: TermsBook, user: Pick<User, "name" | "groups">): Terms {
  const names = [`user:${user.name}`, ...user.groups.map((group) => `group:${group}`), "everyone"];
  const stated = names.flatMap((name) => book.get(name) ?? []);
  const terms: Terms = Object.assign({}, ...stated.toReversed()) as Terms;
  const places = new Map<string, VirtualFolder>();
  for (const folder of stated.toReversed().flatMap(({ folders = [] }) => folders))
    places.set(folder.at, folder);
  return { ...terms, folders: [...places.values()] };
}

/** Why they may not sign in now, or undefined where they may. */
export function termsRefusal(terms: Terms, at: UnixMs, address: string): string | undefined {
  const { hours = [], networks = [] } = terms;
  if (hours.length > 0 && !hours.some((text) => isWithinHours(text, at))) return "outside their hours";
  const ip = parseIp(address.split("%")[0]!);
  const from = networks.map((text) => parsePrefix(text)).filter((prefix) => prefix !== undefined);
  const comes = ip !== undefined && from.some((prefix) => contains(prefix, ip));
  return networks.length > 0 && !comes ? "outside their networks" : undefined;
}

const days = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const hoursPattern = /^(?:([a-z]{3})(?:-([a-z]{3}))? )?(\d\d):(\d\d)-(\d\d):(\d\d)(?: ([A-Za-z0-9_+/-]+))?$/;

interface Hours {
  readonly isDay: (day: number) => boolean;
  /** Minutes of the day. `until` before `from`: over midnight, counted to the day it began. */
  readonly from: number;
  readonly until: number;
  readonly zone: string;
}

/** Reads "mon-fri 08:00-18:00 Europe/Vienna": days and zone may be left out (all of them, UTC). Undefined
 *  where it is not that. */
export function readHours(text: string): Hours | undefined {
  const parts = hoursPattern.exec(text.trim());
  if (!parts) return undefined;
  const [first, last] = [days.indexOf(parts[1] ?? "mon"), days.indexOf(parts[2] ?? parts[1] ?? "sun")];
  const [h1, m1, h2, m2] = parts.slice(3, 7).map(Number) as [number, number, number, number];
  const zone = parts[7] ?? "UTC";
  if (first < 0 || last < 0 || h1 > 23 || m1 > 59 || h2 > 24 || m2 > 59 || !isZone(zone)) return undefined;
  const isDay = (day: number): boolean =>
    first <= last ? day >= first && day <= last : day >= first || day <= last;
  return { isDay, from: h1 * 60 + m1, until: h2 * 60 + m2, zone };
}

function isZone(zone: string): boolean {
  try {
    return Boolean(new Intl.DateTimeFormat("en-GB", { timeZone: zone }));
  } catch {
    return false;
  }
}

function isWithinHours(text: string, at: UnixMs): boolean {
  const hours = readHours(text);
  if (!hours) return false;
  const { isDay, from, until } = hours;
  const { day, minute } = localTime(at, hours.zone);
  if (from <= until) return isDay(day) && minute >= from && minute < until;
  return (isDay(day) && minute >= from) || (isDay((day + 6) % 7) && minute < until);
}

function localTime(at: UnixMs, timeZone: string): { readonly day: number; readonly minute: number } {
  const options = {
    timeZone,
    weekday: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  } as const;
  const parts = new Intl.DateTimeFormat("en-GB", options).formatToParts(at);
  const part = (type: string): string => parts.find((one) => one.type === type)?.value ?? "";
  return {
    day: days.indexOf(part("weekday").toLowerCase()),
    minute: Number(part("hour")) * 60 + Number(part("minute")),
  };
}

/** The name of the period that a moment lies in: "2026-11-21", "2026-11" or "week 2959". */
export function periodName(per: Period, at: UnixMs): string {
  const text = new Date(at).toISOString();
  if (per === "day") return text.slice(0, 10);
  if (per === "month") return text.slice(0, 7);
  // 1970-01-01 was a Thursday: the first Monday is four days later.
  return `week ${Math.floor((at / 86_400_000 + 3) / 7)}`;
}
