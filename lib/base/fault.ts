/** Everything that can be refused or go wrong at run time. Closed: each protocol has an answer for each code,
 *  in a total `Record<FaultCode, …>`, so that a new code does not compile until every door can say it. */
export type FaultCode =
  | "not-found" // no such user, bucket, key, version, file
  | "exists" // the name is taken
  | "denied" // known who, not allowed
  | "unauthenticated" // not known who, or the proof is wrong
  | "invalid" // an argument that no state of the store could satisfy
  | "bad-name" // a name that cannot be kept
  | "not-directory"
  | "is-directory"
  | "not-empty"
  | "busy" // open, locked or leased by somebody else
  | "conflict" // the state it was based on has changed
  | "precondition" // a condition the caller stated does not hold
  | "retained" // object lock, retention or legal hold forbids it
  | "quota" // over the user's, bucket's or tenant's limit
  | "no-space" // the disk is full
  | "read-only" // the disk or the share may not be written
  | "too-large" // over a limit of this server
  | "too-many" // rate, sessions, descriptors: try again later
  | "bad-range" // beyond the end
  | "digest" // the bytes are not what their checksum said
  | "truncated" // fewer bytes came than were announced
  | "damaged" // what is stored no longer matches its checksum
  | "unsupported" // known, and not served
  | "timeout"
  | "cancelled" // the asker went away
  | "unavailable" // a part this depends on does not answer
  | "io"; // the system refused, and none of the above says why

/** An expected failure, told for people: what happened, where, and how to mend it. Never holds a secret. */
export interface Fault {
  readonly code: FaultCode;
  /** One sentence without a full stop: "the bucket is not empty". */
  readonly what: string;
  /** The path, key, `file:line:column` or address it is about. */
  readonly where?: string | undefined;
  /** What the reader can do: a command, a setting. */
  readonly mend?: string | undefined;
}

export function fault(code: FaultCode, what: string, more: Omit<Fault, "code" | "what"> = {}): Fault {
  return { code, what, ...more };
}

/** The three lines an operator reads: what, where, how to mend; those that are known. */
export function faultLines(f: Fault): string[] {
  return [f.what, f.where && `  at: ${f.where}`, f.mend && `  mend: ${f.mend}`].filter(
    (line): line is string => line !== undefined && line !== "",
  );
}
