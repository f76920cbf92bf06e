import type { UnixMs } from "../base/time.ts";
import type { Page } from "./content.ts";

/** What is to be sent to somebody outside the house, kept until they have it. */
export interface NewLetter {
  /** Who is to have it: "notify:orders". Letters of one queue go out in their order. */
  readonly queue: string;
  readonly at: UnixMs;
  /** What it is about, for people: "bucket/key". */
  readonly about: string;
  readonly body: string;
}

export interface Letter extends NewLetter {
  readonly id: number;
  /** How often it was tried. */
  readonly attempts: number;
  /** Not to be tried again before. */
  readonly dueAt: UnixMs;
  /** Why the last attempt failed; "" where there was none. Never holds a secret. */
  readonly error: string;
}

export interface QueueState {
  readonly queue: string;
  readonly waiting: number;
  readonly dead: number;
  /** When the oldest waiting letter was written. */
  readonly oldest: UnixMs | undefined;
}

/** Letters until they are delivered, and those given up until somebody looks at them. Durable. */
export interface Outbox {
  /** Adds letters; with `reader` its cursor in the change feed moves in the same transaction, so that
   *  nothing is written twice or never. */
  add(letters: readonly NewLetter[], reader?: { readonly name: string; readonly seq: number }): Promise<void>;
  /** The oldest of a queue, due or not, at most `limit`. */
  waiting(queue: string, limit: number): Promise<readonly Letter[]>;
  /** How many living letters are about the same. */
  livingAbout(about: string): Promise<number>;
  /** They have arrived. */
  sent(ids: readonly number[]): Promise<void>;
  /** An attempt failed. */
  failed(id: number, error: string, dueAt: UnixMs): Promise<void>;
  /** Given up: kept among the dead letters. */
  bury(id: number, error: string): Promise<void>;
  /** Every queue that has something. */
  state(): Promise<readonly QueueState[]>;
  /** The dead of a queue, or of all; oldest first. `after` is the id before, "" at first. */
  dead(queue: string | undefined, after: string, limit: number): Promise<Page<Letter>>;
  /** Dead letters of a queue wait again, or that one alone; gives how many. */
  revive(queue: string, id?: number): Promise<number>;
  /** Dead letters of a queue are forgotten, or that one alone; gives how many. */
  forget(queue: string, id?: number): Promise<number>;
}
