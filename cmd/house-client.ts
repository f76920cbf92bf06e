import { existsSync, statSync } from "node:fs";
import type { FaultCode } from "../lib/base/fault.ts";
import { fail, ok, type Result } from "../lib/base/result.ts";
import { exitCodeOf } from "./exit-codes.ts";
import { askDoor, ownerDoors, type OwnerDoor } from "./owner-door.ts";

/** The house's admin API, as its owner asks it. */
export interface HouseClient extends AsyncDisposable {
  /** Who answers: a daemon's name, or "holdfast" where this process opened the data itself. */
  readonly by: string;
  /** `path` is beneath /api/v1. The answer's JSON; undefined where there is none.
   *  Faults: what the house says. */
  ask<T>(method: string, path: string, body?: unknown): Promise<Result<T>>;
  /** For answers that do not end. */
  open(path: string, headers?: Readonly<Record<string, string>>): Promise<Result<Response>>;
}

export type Fetch = (path: string, init: RequestInit) => Promise<Response>;

/** A client over anything that answers requests. */
export function clientOver(by: string, fetch: Fetch, close: () => Promise<void>): HouseClient {
  const send = async (path: string, init: RequestInit): Promise<Result<Response>> => {
    try {
      const response = await fetch(`/api/v1${path}`, init);
      return response.ok ? ok(response) : await refusal(response);
    } catch (error) {
      return fail("unavailable", `${by} does not answer`, { where: (error as Error).message });
    }
  };
  return {
    by,
    async ask<T>(method: string, path: string, body?: unknown): Promise<Result<T>> {
      const headers = {
        "if-match": "*",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      };
      const content = body === undefined ? {} : { body: JSON.stringify(body) };
      const answered = await send(path, { method, headers, ...content });
      if (!answered.ok) return answered;
      const text = await answered.value.text();
      return ok((text === "" ? undefined : JSON.parse(text)) as T);
    },
    open: (path, headers = {}) => send(path, { headers }),
    [Symbol.asyncDispose]: close,
  };
}

/** The problem of RFC 9457 as the fault it was. */
async function refusal(response: Response): Promise<Result<never>> {
  const problem = (await response.json().catch(() => ({}))) as {
    code?: string;
    detail?: string;
    where?: string;
    mend?: string;
    errors?: { pointer: string; detail: string }[];
  };
  const code = problem.code && Object.hasOwn(exitCodeOf, problem.code) ? (problem.code as FaultCode) : "io";
  const errors = problem.errors?.map(({ pointer, detail }) => `${pointer.slice(1)}: ${detail}`).join("; ");
  const what = problem.detail ?? `the daemon answered ${response.status}`;
  return fail(code, errors ? `${what}: ${errors}` : what, { where: problem.where, mend: problem.mend });
}

/** A client of the daemon behind that door, or undefined where nobody answers. */
export async function clientOf(door: OwnerDoor): Promise<HouseClient | undefined> {
  const fetch: Fetch = (path, init) => askDoor(door, path, init);
  try {
    const alive = await fetch("/healthz", { signal: AbortSignal.timeout(3000) });
    return alive.ok ? clientOver(door.name, fetch, async () => {}) : undefined;
  } catch {
    return undefined;
  }
}

/** The first daemon that answers. Faults: unavailable, denied (the house belongs to somebody else). */
export async function findHouse(data: string | undefined): Promise<Result<HouseClient>> {
  if (data === undefined || !existsSync(data)) return nothingRuns(data ?? "nowhere");
  const owner = ownerRefusal(data);
  if (owner) return owner;
  for (const door of ownerDoors(data)) {
    const client = await clientOf(door);
    if (client) return ok(client);
  }
  return nothingRuns(data);
}

/** Why this user should not touch the data, where it is so. */
export function ownerRefusal(data: string): Result<never> | undefined {
  const { uid } = statSync(data);
  const me = process.geteuid?.() ?? uid;
  if (uid === me || me === 0) return undefined;
  return fail("denied", "the house belongs to another user", {
    where: data,
    mend: `ask as its owner: sudo -u '#${uid}' holdfast …`,
  });
}

const nothingRuns = (data: string): Result<never> =>
  fail("unavailable", "no daemon of the house runs here", {
    where: data,
    mend: "start it: holdfast up; or name its data directory with --data DIR",
  });
