import { z } from "zod";
import { readEndpoint, type Endpoint } from "../base/endpoint.ts";
import { parsePrefix, type Prefix } from "../base/ip.ts";
import { durationPattern, readDuration, readSize, sizePattern } from "./quantity.ts";
import { Secret } from "./secret.ts";

export type Kind =
  | "endpoint"
  | "duration"
  | "size"
  | "port"
  | "path"
  | "enumeration"
  | "list"
  | "boolean"
  | "integer"
  | "text"
  | "secret";

/** When a change takes hold: at the next reload, or at the next start. */
export type Reload = "live" | "restart";

/** One setting, declared once. Parsing, documentation, flags, examples and the reload plan are readings of
 *  it. */
export interface Field<T> {
  readonly kind: Kind;
  /** One sentence for the operator, with its full stop. */
  readonly doc: string;
  /** From what is written in a file (text, number, boolean, list) to the value. */
  readonly schema: z.ZodType<T>;
  /** The default as one would write it; undefined: the setting may be absent. */
  readonly initial: unknown;
  /** The default where ports under 1024 are not ours, if it differs. */
  readonly unprivileged: unknown;
  readonly reload: Reload;
  /** For people: "1s to 1h", "debug, info, warn or error"; "" where anything of the kind goes. */
  readonly bounds: string;
  /** The written form that a flag, an environment variable or an INI line stands for. */
  readonly fromText: (text: string) => unknown;
}

export type ValueOf<F> = F extends Field<infer T> ? T : never;

interface Options<Written> {
  readonly doc: string;
  readonly default?: Written;
  readonly reload?: Reload;
}

/** What a maker gives: where no default is stated the value may be undefined. */
type Made<T, O> = Field<O extends { readonly default: unknown } ? T : T | undefined>;

const asIs = (text: string): unknown => text;

interface Extra {
  readonly bounds?: string;
  readonly unprivileged?: unknown;
  readonly fromText?: (text: string) => unknown;
}

function make<T, O extends Options<unknown>>(
  kind: Kind,
  options: O,
  schema: z.ZodType,
  extra: Extra = {},
): Made<T, O> {
  const made: Field<unknown> = {
    kind,
    doc: options.doc,
    schema,
    initial: options.default,
    unprivileged: extra.unprivileged,
    reload: options.reload ?? "restart",
    bounds: extra.bounds ?? "",
    fromText: extra.fromText ?? asIs,
  };
  return made as Made<T, O>;
}

/** An address and port to listen on or to reach. `unprivileged` is the default where low ports are
 *  refused. */
export function endpoint<const O extends Options<string> & { unprivileged?: string }>(options: O) {
  const schema = z
    .string({ error: "expected an address and port, like 127.0.0.1:2121 or [::]:2121" })
    .transform((text, context) => {
      const read = readEndpoint(text);
      if (read.ok) return read.value;
      context.addIssue(`expected an address and port, like 127.0.0.1:2121 or [::]:2121`);
      return z.NEVER;
    });
  return make<Endpoint, O>("endpoint", options, schema, { unprivileged: options.unprivileged });
}

/** A network, or one address as a network of its own. Written "192.0.2.0/24", "2001:db8::/32". */
export function network<const O extends Options<string>>(options: O) {
  const said = "expected a network or an address, like 192.0.2.0/24 or 2001:db8::/32";
  const schema = z.string({ error: said }).transform((text, context) => {
    const read = parsePrefix(text);
    if (read === undefined) context.addIssue(said);
    return read ?? z.NEVER;
  });
  return make<Prefix, O>("text", options, schema, { bounds: "like 192.0.2.0/24" });
}

/** A span of time, in milliseconds. Written "500ms", "30s", "10m", "1h30m", "7d". */
export function duration<const O extends Options<string> & { min?: string; max?: string }>(options: O) {
  const { min = "0s", max = "365d" } = options;
  const said = "expected a span of time with its unit, like 500ms, 30s, 10m, 1h30m or 7d";
  const schema = z
    .string({ error: said })
    .regex(durationPattern, { error: said, abort: true })
    .transform((text) => readDuration(text)!)
    .pipe(between(readDuration(min)!, readDuration(max)!, min, max));
  return make<number, O>("duration", options, schema, { bounds: `${min} to ${max}` });
}

/** An amount of bytes. Written "64KiB", "1GiB", "5GB", or a number of bytes. */
export function size<const O extends Options<string> & { min?: string; max?: string }>(options: O) {
  const { min = "0B", max = "8192TiB" } = options;
  const said = "expected a size, like 512B, 64KiB, 10MiB or 5GB";
  const schema = z
    .union(
      [z.int({ error: said }).nonnegative({ error: said }), z.string().regex(sizePattern, { error: said })],
      { error: said },
    )
    .transform((written, context) => {
      const read = readSize(String(written));
      if (read === undefined) context.addIssue(said);
      return read ?? z.NEVER;
    })
    .pipe(between(readSize(min)!, readSize(max) ?? Number.MAX_SAFE_INTEGER, min, max));
  return make<number, O>("size", options, schema, { bounds: `${min} to ${max}` });
}

function between(least: number, most: number, min: string, max: string) {
  const error = `expected ${min} to ${max}`;
  return z.number().min(least, { error }).max(most, { error });
}

/** A whole number. */
export function integer<const O extends Options<number> & { min?: number; max?: number }>(options: O) {
  const { min = 0, max = Number.MAX_SAFE_INTEGER } = options;
  const error = max === Number.MAX_SAFE_INTEGER ? `expected a whole number from ${min}` : undefined;
  const said = error ?? `expected a whole number from ${min} to ${max}`;
  const schema = z.int({ error: said }).min(min, { error: said }).max(max, { error: said });
  const bounds = error ? `from ${min}` : `${min} to ${max}`;
  return make<number, O>("integer", options, schema, { bounds, fromText: numberFrom });
}

/** A TCP or UDP port; 0 asks the system for a free one. */
export function port<const O extends Options<number>>(options: O) {
  const error = "expected a port, 0 to 65535";
  const schema = z.int({ error }).min(0, { error }).max(65_535, { error });
  return make<number, O>("port", options, schema, { bounds: "0 to 65535", fromText: numberFrom });
}

const numberFrom = (text: string): unknown => (/^-?\d+$/.test(text) ? Number(text) : text);

/** true or false; in flags, environment and INI also yes, no, on, off. */
export function boolean<const O extends Options<boolean>>(options: O) {
  const schema = z.boolean({ error: "expected true or false" });
  const fromText = (text: string): unknown =>
    /^(?:true|yes|on)$/i.test(text) ? true : /^(?:false|no|off)$/i.test(text) ? false : text;
  return make<boolean, O>("boolean", options, schema, { fromText });
}

/** Free text of one line. */
export function text<const O extends Options<string> & { max?: number; pattern?: RegExp; like?: string }>(
  options: O,
) {
  const { max = 1024, pattern = /^[^\r\n\0]*$/, like } = options;
  const said = like ? `expected text like ${like}` : "expected text of one line";
  const schema = z
    .string({ error: said })
    .max(max, { error: `expected at most ${max} characters` })
    .regex(pattern, { error: said });
  return make<string, O>("text", options, schema, { bounds: like ? `like ${like}` : "" });
}

/** A file or folder. A relative one is read from the folder of the file that says it. */
export function path<const O extends Options<string>>(options: O) {
  const error = "expected a path";
  const schema = z
    .string({ error })
    .min(1, { error })
    .max(4096, { error })
    .regex(/^[^\0]*$/, { error });
  return make<string, O>("path", options, schema);
}

/** One of a few words. */
export function enumeration<
  const V extends readonly [string, ...string[]],
  const O extends Options<V[number]>,
>(words: V, options: O) {
  const bounds = oneOf(words);
  const schema = z.enum(words, { error: `expected ${bounds}` });
  return make<V[number], O>("enumeration", options, schema, { bounds });
}

const oneOf = (words: readonly string[]): string =>
  words.length === 1 ? words[0]! : `${words.slice(0, -1).join(", ")} or ${words.at(-1)}`;

/** Several of one kind; in flags, environment and INI they are parted by commas. */
export function list<
  F extends Field<unknown>,
  const O extends Options<readonly unknown[]> & { max?: number },
>(item: F, options: O) {
  const { max = 256 } = options;
  const schema = z
    .array(item.schema, { error: "expected a list" })
    .max(max, { error: `expected at most ${max}` });
  const fromText = (text: string): unknown =>
    text.trim() === "" ? [] : text.split(",").map((part) => item.fromText(part.trim()));
  const bounds = [item.kind, item.bounds].filter(Boolean).join(": ");
  return make<readonly NonNullable<ValueOf<F>>[], O>("list", options, schema, { bounds, fromText });
}

/** A password or key. Write it as ${file:/path} or ${env:NAME} rather than in the file itself. */
export function secret<const O extends Options<never>>(options: O) {
  const error = "expected text of one line";
  const schema = z
    .string({ error })
    .min(1, { error: "expected a secret that is not empty" })
    .max(8192, { error: "expected at most 8192 characters" })
    .transform((text) => new Secret(text));
  return make<Secret, O>("secret", options, schema);
}
