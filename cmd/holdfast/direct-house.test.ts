import { afterAll, expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { must } from "../../lib/base/result.ts";
import { systemClock } from "../../lib/host/clock.ts";
import { systemEntropy } from "../../lib/host/entropy.ts";
import { proveAudit } from "../../lib/store/audit-verify.ts";
import { silentLog } from "../../lib/watch/log.ts";
import { firstRun } from "../first-run.ts";
import { openDirectly } from "./direct-house.ts";
import { everyRow } from "./every-row.ts";

const data = await mkdtemp(join(tmpdir(), "holdfast-direct-"));
afterAll(() => rm(data, { recursive: true, force: true }));

test("where there is no house, nothing is made", async () => {
  expect(await openDirectly(join(data, "nowhere"))).toMatchObject({
    ok: false,
    fault: { code: "unavailable" },
  });
});

test("the data is asked as a daemon would be, and the trail tells it", async () => {
  must(await firstRun({ data, clock: systemClock(), entropy: systemEntropy(), log: silentLog }));
  {
    await using house = must(await openDirectly(data));
    must(await house.ask("POST", "/users", { name: "mia", password: "secret words" }));
    must(await house.ask("PATCH", "/users/mia", { disabled: true }));
    const users = must(await everyRow<{ name: string }>(house, "/users"));
    expect(users.map(({ name }) => name)).toEqual(["admin", "mia"]);
    expect(await house.ask("GET", "/users/nobody")).toMatchObject({
      ok: false,
      fault: { code: "not-found", where: "nobody" },
    });
    const refused = await house.ask("POST", "/users", { name: "" });
    expect(refused.ok ? "" : refused.fault.what).toContain("password:");
  }
  const proof = must(await proveAudit(join(data, "audit")));
  expect(proof.chains).toMatchObject([{ daemon: "holdfast", findings: [] }]);
});
