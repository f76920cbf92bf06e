import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Contender, Running, Tally } from "./duel.ts";
import { freePort, listening } from "./server.ts";

/** nginx with one worker and sendfile over a folder with `name`: the limit for sending files. */
export function nginx(name: string, body: Uint8Array, run: (port: number) => Promise<Tally>): Contender {
  return { name: "nginx sendfile", start: () => startNginx(name, body, run) };
}

async function startNginx(
  name: string,
  body: Uint8Array,
  run: (port: number) => Promise<Tally>,
): Promise<Running> {
  const folder = await mkdtemp(join(tmpdir(), "holdfast-nginx-"));
  const port = await freePort();
  await writeFile(join(folder, name), body);
  await writeFile(join(folder, "nginx.conf"), configuration(folder, port));
  const child = Bun.spawn(["nginx", "-c", join(folder, "nginx.conf"), "-p", folder], {
    stdout: "ignore",
    stderr: "ignore",
  });
  await listening(port);
  return {
    pids: [child.pid],
    run: () => run(port),
    async [Symbol.asyncDispose]() {
      child.kill();
      await child.exited;
      await rm(folder, { recursive: true });
    },
  };
}

const configuration = (folder: string, port: number): string => `
daemon off; worker_processes 1; pid ${folder}/nginx.pid; error_log ${folder}/error.log; user root;
events { worker_connections 1024; }
http {
  access_log off; sendfile on; tcp_nopush on; keepalive_requests 10000000; open_file_cache max=100;
  server { listen 127.0.0.1:${port}; root ${folder}; }
}`;
