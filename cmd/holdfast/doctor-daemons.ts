import { createServer } from "node:net";
import { clientOf } from "../house-client.ts";
import { ownerDoors } from "../owner-door.ts";
import { daemonNames, daemons } from "../daemons.ts";
import { findDaemons } from "./find-daemons.ts";
import { bad, good, look, type Finding } from "../../lib/watch/finding.ts";
import { everyStatus } from "./status.ts";

export async function checkDaemons(data: string | undefined): Promise<Finding[]> {
  const all = await everyStatus(data);
  if (!all.ok) return [bad("daemons", all.fault.what, all.fault.mend ?? "holdfast status tells more")];
  if (all.value.length === 0) return [look("daemons", "none runs", "holdfast up starts them")];
  return all.value.map(({ service, ready, waiting, version, pid }) => {
    const reasons = waiting.map(({ part, reason }) => `${part}: ${reason}`).join(", ");
    return ready
      ? good("daemons", `${service} ${version} is ready (process ${pid})`)
      : bad("daemons", `${service} is not ready: ${reasons}`, "its log tells why");
  });
}

/** The admin ports: taken by us, or free. The doors' own ports are told by the daemons when they start. */
export async function checkPorts(data: string | undefined): Promise<Finding[]> {
  const all = await everyStatus(data);
  const ours = all.ok ? all.value.flatMap(({ listening }) => listening.map(({ address }) => address)) : [];
  const wanted = daemonNames.map((name) => ({ name, port: daemons[name].adminPort }));
  const taken: string[] = [];
  for (const { name, port } of wanted) {
    const isOurs = ours.some((address) => address.endsWith(`:${port}`));
    if (!isOurs && !(await isFree(port))) taken.push(`${port} (${name})`);
  }
  if (taken.length === 0) return [good("ports", "the admin ports are ours or free")];
  return [
    look(
      "ports",
      `another program has ${taken.join(", ")}`,
      "end it, or set admin.listen; ss -ltnp tells who it is",
    ),
  ];
}

async function isFree(port: number): Promise<boolean> {
  const server = createServer();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  server.once("error", () => resolve(false));
  server.listen({ host: "127.0.0.1", port }, () => resolve(true));
  const free = await promise;
  server.close();
  return free;
}

/** What ftpd thinks of the settings it runs with. */
export async function checkFileTransfer(data: string | undefined): Promise<Finding[]> {
  const door = data === undefined ? undefined : ownerDoors(data).find(({ name }) => name === "ftpd");
  const client = door && (await clientOf(door));
  if (!client) return [];
  const scanned = await client.ask<{ rows: (Finding & { mend: string | null })[] }>("GET", "/scan");
  return scanned.ok ? scanned.value.rows.map((one) => ({ ...one, mend: one.mend ?? undefined })) : [];
}

/** Each daemon judges its own. */
export async function checkConfiguration(): Promise<Finding[]> {
  const verdicts = await Promise.all(
    findDaemons().map(async ({ name, command }) => {
      const child = Bun.spawn([...command, "--check"], { stdout: "ignore", stderr: "pipe", stdin: "ignore" });
      const said = (await new Response(child.stderr).text()).trim();
      return { name, good: (await child.exited) === 0, said: said.split("\n")[0] ?? "" };
    }),
  );
  const wrong = verdicts.filter((verdict) => !verdict.good);
  if (wrong.length === 0) return [good("configuration", "every daemon accepts it")];
  return wrong.map(({ name, said }) =>
    bad("configuration", `${name}: ${said}`, "holdfast config check tells all of it"),
  );
}
