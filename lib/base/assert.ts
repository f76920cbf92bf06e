/** A broken promise of our own code: never caused by what a client sent. */
export class Bug extends Error {
  override readonly name = "Bug";
}

/** Throws `Bug` unless `condition` holds. For what only a programming error can break. */
export function assert(condition: unknown, what: string): asserts condition {
  if (!condition) throw new Bug(what);
}

/** Marks a place the types say cannot be reached. */
export function never(value: never, what = "unreachable"): never {
  throw new Bug(`${what}: ${JSON.stringify(value)}`);
}
