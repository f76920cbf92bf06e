import type { Field, ValueOf } from "./field.ts";

export type Fields = Readonly<Record<string, Field<unknown>>>;

/** A group of settings: one heading of the file. */
export interface Section<Name extends string = string, F extends Fields = Fields> {
  readonly name: Name;
  readonly doc: string;
  readonly fields: F;
}

/** Declares a section. `doc` is one sentence; names of fields are camelCase. */
export function section<const Name extends string, F extends Fields>(
  name: Name,
  doc: string,
  fields: F,
): Section<Name, F> {
  return { name, doc, fields };
}

/** What the settings of such sections are, as a daemon reads them: `config.ftp.listen`. */
export type ConfigOf<S extends readonly Section[]> = {
  readonly [One in S[number] as One["name"]]: {
    readonly [Key in keyof One["fields"]]: ValueOf<One["fields"][Key]>;
  };
};

/** "idleTimeout" as "idle-timeout": in flags. */
export const dashed = (key: string): string =>
  key.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`);

/** "--ftp-idle-timeout" */
export const flagName = (section: string, key: string): string => `--${dashed(section)}-${dashed(key)}`;

/** "HOLDFAST_FTP_IDLE_TIMEOUT" */
export const environmentName = (section: string, key: string): string =>
  `HOLDFAST_${dashed(section)}_${dashed(key)}`.toUpperCase().replaceAll("-", "_");
