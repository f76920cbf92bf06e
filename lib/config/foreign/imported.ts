/** Settings of ours that say what another program's configuration said. */
export interface Imported {
  /** By section and name, as one writes them. */
  readonly settings: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  /** What could not be carried over, or only in part. */
  readonly notes: readonly ImportNote[];
}

export interface ImportNote {
  readonly line: number;
  /** The line itself, or the setting's name. Never a secret. */
  readonly said: string;
  readonly what: string;
}

/** Gathers settings and notes while a configuration is read line by line. */
export class Import {
  readonly #settings: Record<string, Record<string, unknown>> = {};
  readonly #notes: ImportNote[] = [];
  #line = 0;
  #said = "";

  /** What follows is about this line. */
  at(line: number, said: string): void {
    this.#line = line;
    this.#said = said;
  }

  set(section: string, key: string, value: unknown): void {
    (this.#settings[section] ??= {})[key] = value;
  }

  get(section: string, key: string): unknown {
    return this.#settings[section]?.[key];
  }

  text(section: string, key: string): string | undefined {
    const value = this.get(section, key);
    return typeof value === "string" ? value : undefined;
  }

  add(section: string, key: string, value: unknown): void {
    const list = this.get(section, key);
    this.set(section, key, [...(Array.isArray(list) ? (list as unknown[]) : []), value]);
  }

  note(what: string): void {
    this.#notes.push({ line: this.#line, said: this.#said, what });
  }

  done(): Imported {
    return { settings: this.#settings, notes: this.#notes };
  }
}

/** The words of each line that says something, with its number. A comment begins with one of `marks`. */
export function directives(text: string, marks: RegExp): { line: number; said: string; words: string[] }[] {
  return text.split(/\r?\n/).flatMap((raw, i) => {
    const said = raw.replace(marks, "").trim();
    return said === "" ? [] : [{ line: i + 1, said, words: said.split(/\s+/) }];
  });
}

/** Networks for `ntp.allow` that mean everybody. */
export const everybody = ["0.0.0.0/0", "::/0"] as const;
/** Networks that mean this host alone. */
export const thisHost = ["127.0.0.0/8", "::1/128"] as const;

/** Address and netmask as a network: "10.0.0.0", "255.0.0.0" is 10.0.0.0/8. */
export function masked(address: string, mask: string | undefined): string | undefined {
  if (mask === undefined) return address.includes(":") ? `${address}/128` : `${address}/32`;
  const bytes = mask.split(".").map(Number);
  if (bytes.length !== 4 || !bytes.every((byte) => byte >= 0 && byte <= 255)) return undefined;
  const bits = bytes.map((byte) => byte.toString(2).padStart(8, "0")).join("");
  return /^1*0*$/.test(bits) ? `${address}/${bits.replaceAll("0", "").length}` : undefined;
}
