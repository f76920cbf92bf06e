/** Kills processes with SIGKILL while they put, overwrite, delete and upload in parts, two at a time on one
 *  data directory, and shows after each death: nothing that was acknowledged is lost or torn, nothing shows
 *  half, the counters equal a recount, and no file is left over. HOLDFAST_LONG=1: 220 deaths. */
import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../../lib/base/result.ts";
import { houseActor } from "../../lib/rules/identity.ts";
import { openStore } from "../../lib/store/open.ts";
import { account, Model, needs, settle, sumAt, sumOf } from "./crash-model.ts";
import { keptForm, random } from "./crash-words.ts";

const deaths = process.env["HOLDFAST_LONG"] === "1" ? 220 : 6;
const seed = process.env["HOLDFAST_SEED"] ?? String(Date.now());
class Child {
  readonly #running;
  readonly #heard: Promise<void>;
  /** Resolves with the first acknowledgement. */
  readonly ready: Promise<void>;

  constructor(data: string, name: string, round: number, model: Model) {
    const file = join(import.meta.dir, "crash-child.ts");
    const command = [process.execPath, file, data, name, `${seed}-${round}`];
    this.#running = Bun.spawn(command, { stdout: "pipe", stderr: "pipe" });
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#heard = this.#hear(model, resolve);
  }

  async #hear(model: Model, ready: () => void): Promise<void> {
    let rest = "";
    const decoder = new TextDecoder();
    for await (const chunk of this.#running.stdout) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop()!;
      for (const line of lines) {
        model.hear(line);
        if (line.startsWith("<")) ready();
      }
    }
    ready();
  }

  async kill(): Promise<void> {
    this.#running.kill("SIGKILL");
    await this.#running.exited;
    await this.#heard;
    const said = await new Response(this.#running.stderr).text();
    if (said !== "") throw new Error(said);
  }
}

test(`${deaths} processes die in the middle of writing (HOLDFAST_SEED=${seed})`, async () => {
  const data = await mkdtemp(join(tmpdir(), "holdfast-crash-"));
  const model = new Model(seed);
  const next = random(seed);
  {
    await using store = await openStore(data, needs);
    const house = { tenant: "main", owner: "u1" };
    must(await store.objects.createBucket(houseActor, { ...house, name: "plain" }));
    must(await store.objects.createBucket(houseActor, { ...house, name: "kept", versioning: "enabled" }));
    must(await store.objects.changeBucket(houseActor, "kept", { documents: keptForm }));
  }
  for (let round = 0; round < deaths / 2; round++) {
    const [a, b] = [new Child(data, "a", round, model), new Child(data, "b", round, model)];
    await Promise.all([a.ready, b.ready]);
    await Bun.sleep(20 + next(150));
    await a.kill();
    {
      // Recovery while the other one writes on.
      await using store = await openStore(data, needs);
      await settle(store, model, "a/");
    }
    await b.kill();
    await using store = await openStore(data, needs);
    await settle(store, model, "b/");
    await settle(store, model, "a/");
    await account(store, data);
  }
  expect(model.versions.size).toBeGreaterThan(0);
  {
    await using store = await openStore(data, needs);
    for (const [version, step] of model.versions) {
      expect(await sumAt(store, step.bucket, step.key, version)).toBe(sumOf(step));
    }
  }
  await rm(data, { recursive: true });
}, 900_000);
