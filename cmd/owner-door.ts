import { timingSafeEqual } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import type { Entropy } from "../lib/base/entropy.ts";
import { serveFetch, type FetchHandler } from "../lib/host/http.ts";
import type { Log } from "../lib/watch/log.ts";
import { writeWhole } from "./readiness.ts";

/** How the owner of a data directory reaches a daemon, without a password: through the socket
 *  `<data>/run/<daemon>.sock`, or, where a socket cannot be (Windows; a path too long for one), through a
 *  port of this machine alone whose number and key are in `<data>/run/<daemon>.door`. Either file is for
 *  its owner alone. */
export interface OwnerDoor {
  /** "s3d". */
  readonly name: string;
  readonly path: string;
}

/** What a .door file holds. The key is new at every start, so one left behind opens nothing. */
interface DoorFile {
  readonly port: number;
  readonly key: string;
}

const keyHeader = "x-holdfast-door";

/** sun_path of unix(7), less its NUL. */
const socketPathBytes = 107;

const canHaveSocket = (path: string): boolean =>
  process.platform !== "win32" && Buffer.byteLength(path) <= socketPathBytes;

/** Opens the door of `name` in the folder `run`. Throws where its file cannot be written. */
export function openOwnerDoor(
  run: string,
  name: string,
  serve: FetchHandler,
  needs: { readonly log: Log; readonly entropy: Entropy },
): AsyncDisposable {
  const socket = join(run, `${name}.sock`);
  if (canHaveSocket(socket)) return serveFetch({ unix: socket }, serve, needs);
  const key = Buffer.from(needs.entropy(32)).toString("base64url");
  const keyed: FetchHandler = (request, peer) =>
    isKey(request.headers.get(keyHeader), key)
      ? serve(request, { address: "", local: true })
      : new Response(`${peer.address} has no key\n`, { status: 403 });
  const server = serveFetch({ host: "127.0.0.1", port: 0 }, keyed, needs);
  const file = join(run, `${name}.door`);
  writeWhole(file, JSON.stringify({ port: server.port, key } satisfies DoorFile), 0o600);
  return {
    async [Symbol.asyncDispose]() {
      rmSync(file, { force: true });
      await server[Symbol.asyncDispose]();
    },
  };
}

function isKey(given: string | null, key: string): boolean {
  const [a, b] = [Buffer.from(given ?? ""), Buffer.from(key)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Every daemon's door in the data directory; whether somebody is behind it is another question. */
export function ownerDoors(data: string): OwnerDoor[] {
  const run = join(data, "run");
  if (!existsSync(run)) return [];
  return readdirSync(run)
    .filter((name) => /\.(?:sock|door)$/.test(name))
    .map((name) => ({ name: name.slice(0, -5), path: join(run, name) }));
}

/** Sends a request through a door. Throws where nobody is behind it. */
export async function askDoor(door: OwnerDoor, path: string, init: RequestInit): Promise<Response> {
  if (door.path.endsWith(".sock")) return await fetch(`http://house${path}`, { ...init, unix: door.path });
  const { port, key } = JSON.parse(readFileSync(door.path, "utf8")) as DoorFile;
  const headers = new Headers(init.headers);
  headers.set(keyHeader, key);
  return await fetch(`http://127.0.0.1:${port}${path}`, { ...init, headers });
}
