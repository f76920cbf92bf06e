/** A value that never shows itself by accident: printing, logging or serialising it gives "(secret)". */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The value itself. Say this only where it is used. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return "(secret)";
  }

  toJSON(): string {
    return "(secret)";
  }

  [Symbol.for("nodejs.util.inspect.custom")](): string {
    return "(secret)";
  }
}
