import { fault } from "../base/fault.ts";
import { authorise } from "./authorise.ts";
import type { AdminApp, AdminCore } from "./needs.ts";
import { problemResponse } from "./problem.ts";

/** What supervisors and probes ask: is the loop alive, is it ready and if not why, how much of everything. */
export function mountHealth(app: AdminApp, core: AdminCore): void {
  app.get("/healthz", (c) => c.json({ alive: true, service: core.service }));
  app.get("/readyz", (c) => {
    const waiting = core.unready();
    return c.json({ ready: waiting.length === 0, waiting }, waiting.length === 0 ? 200 : 503);
  });
  app.get("/metrics", async (c) => {
    const allowed = await authorise(core, { house: "house.read" }, c.var.by, undefined);
    if (!allowed.ok) return problemResponse({ fault: allowed.fault }, c.var.request);
    return c.body(core.metrics(), 200, { "content-type": "text/plain; version=0.0.4; charset=utf-8" });
  });
  for (const path of ["/healthz", "/readyz", "/metrics"])
    app.all(path, (c) =>
      problemResponse(
        { fault: fault("unsupported", "only GET is served here"), status: 405, headers: { allow: "GET" } },
        c.var.request,
      ),
    );
}
