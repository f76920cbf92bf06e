import { remembered } from "../../base/memo.ts";

/** "20130524T000000Z" as milliseconds since 1970; undefined where it is not one. */
export const readAmzDate = remembered((text: string): number | undefined => {
  const m = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!m) return undefined;
  const [year, month, day, hour, minute, second] = m.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const at = Date.UTC(year, month - 1, day, hour, minute, second);
  return new Date(at).getUTCDate() === day && hour < 24 && minute < 60 ? at : undefined;
});

/** RFC 9110 §5.6.7 (all three forms), whole seconds; undefined where it is none. */
export function readHttpDate(text: string): number | undefined {
  if (!/^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)/.test(text)) return undefined;
  const at = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(at) ? undefined : at;
}

/** ISO 8601 as S3 documents carry it; undefined where it is not one. */
export function readIsoDate(text: string): number | undefined {
  if (!/^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d)?)?$/.test(text))
    return undefined;
  const at = Date.parse(/T.*(?:Z|[+-]\d\d:\d\d)$|^[^T]*$/.test(text) ? text : `${text}Z`);
  return Number.isNaN(at) ? undefined : at;
}

/** "2013-05-24T00:00:00.000Z": the time of XML answers, in whole seconds. */
export const isoDate = (ms: number): string => new Date(Math.floor(ms / 1000) * 1000).toISOString();

/** "Fri, 24 May 2013 00:00:00 GMT": the time of headers. */
export const httpDate = (ms: number): string => httpSecond(Math.floor(ms / 1000));

const httpSecond = remembered((second: number) => new Date(second * 1000).toUTCString());
