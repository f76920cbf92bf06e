import { expect, test } from "bun:test";
import { join } from "node:path";
import { statusOf } from "./problem.ts";
import { operation, type AdminPanel } from "./panel.ts";
import { trialHouse, type TrialAsk } from "./trial-house.ts";

const json = async (response: Response | Promise<Response>) =>
  (await (await response).json()) as Record<string, unknown> & { rows: Record<string, unknown>[] };

test("probes answer anybody; metrics need a permission", async () => {
  const house = await trialHouse();
  expect((await house.ask("GET", "/healthz")).status).toBe(200);
  expect(await json(house.ask("GET", "/readyz"))).toEqual({ ready: true, waiting: [] } as never);
  expect((await house.ask("GET", "/metrics")).status).toBe(401);
  expect((await house.ask("GET", "/metrics", { token: house.ulf.token })).status).toBe(403);
  expect((await house.ask("GET", "/metrics", { token: house.ada.token })).status).toBe(200);
  expect((await house.ask("POST", "/healthz")).headers.get("allow")).toBe("GET");
});

test("every operation says who may, and nobody else gets in", async () => {
  const house = await trialHouse();
  const document = await json(house.ask("GET", "/api/v1/openapi.json"));
  const paths = document["paths"] as Record<string, Record<string, { "x-permission"?: object }>>;
  const known = new Map<string, object | undefined>(
    Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, spec]) => [`${method} ${path}`, spec["x-permission"]] as const),
    ),
  );
  const routed = house.app.routes.filter(({ path, method }) => path.startsWith("/api/") && method !== "ALL");
  for (const { method, path } of routed) {
    if (path === "/api/v1/openapi.json") continue;
    const documented = `${method.toLowerCase()} ${path.replaceAll(/:(\w+)/g, "{$1}")}`;
    expect([documented, known.has(documented)]).toEqual([documented, true]);
    expect([documented, typeof known.get(documented)]).toEqual([documented, "object"]);
  }
  for (const { operations } of house.panels)
    for (const { method, path, permission } of operations) {
      if ("open" in permission) continue;
      const at = `/api/v1${path.replaceAll(/\{\w+\}/g, "ada-bucket")}`;
      const asked = async (how: TrialAsk) => (await house.ask(method.toUpperCase(), at, how)).status;
      expect([method, path, await asked({})]).toEqual([method, path, 401]);
      expect([method, path, await asked({ token: "hf_live_x_y" })]).toEqual([method, path, 401]);
      if ("self" in permission || "guarded" in permission) continue;
      expect([method, path, await asked({ token: house.ulf.token })]).toEqual([method, path, 403]);
    }
});

test("an operation that changes something tells the audit trail", async () => {
  const house = await trialHouse();
  for (const { operations } of house.panels)
    for (const one of operations)
      if (one.method !== "get") expect([one.id, "audit" in one]).toEqual([one.id, true]);
  await house.ask("POST", "/api/v1/users", {
    token: house.ada.token,
    body: { name: "eve", password: "secret" },
  });
  await house.ask("DELETE", "/api/v1/users/nobody", { local: true });
  expect(house.told.map(({ verb, target, outcome }) => [verb, target, outcome])).toEqual([
    ["user.add", "eve", "ok"],
    ["user.remove", "nobody", "not-found"],
  ]);
  expect(JSON.stringify(house.told)).not.toContain("secret");
});

test("refusals are problems that tell nothing of the inside", async () => {
  const broken: AdminPanel = {
    name: "Broken",
    doc: "Breaks.",
    operations: [
      operation({
        id: "break",
        method: "get",
        path: "/break",
        permission: { house: "house.read" },
        summary: "Breaks.",
        run: () => Promise.reject(new Error("the secret is swordfish")),
      }),
    ],
  };
  const house = await trialHouse([broken]);
  const answer = await house.ask("GET", "/api/v1/break", { local: true });
  expect(answer.status).toBe(statusOf.io);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(await answer.text()).not.toContain("swordfish");
  const nowhere = await json(house.ask("GET", "/api/v1/nowhere", { local: true }));
  expect(nowhere).toMatchObject({ status: 404, code: "not-found", type: "urn:holdfast:fault:not-found" });
});

test("a request that does not fit is told where", async () => {
  const house = await trialHouse();
  const sent = await house.ask("POST", "/api/v1/users", { local: true, body: { name: "x", rank: 1 } });
  expect(sent.status).toBe(422);
  const { errors } = await json(sent);
  expect(JSON.stringify(errors)).toContain("/password");
  const garbled = await house.ask("POST", "/api/v1/users", { local: true, body: "{" });
  expect(garbled.status).toBe(400);
  const huge = await house.ask("POST", "/api/v1/users", { local: true, body: "x".repeat(2 << 20) });
  expect(huge.status).toBe(413);
});

test("every answer carries the safety headers and the request's id", async () => {
  const house = await trialHouse();
  for (const path of ["/healthz", "/api/v1/openapi.json", "/nowhere", "/api/v1/users"]) {
    const { headers } = await house.ask("GET", path);
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("content-security-policy")).toContain("default-src 'none'");
    expect(headers.get("cache-control")).toBe("no-store");
    expect(headers.get("x-request-id")).toMatch(/^[0-9a-z]{26}$/);
    expect(headers.get("access-control-allow-origin")).toBeNull();
  }
});

test("the document is the one in the tree", async () => {
  const house = await trialHouse();
  const now = `${JSON.stringify(await json(house.ask("GET", "/api/v1/openapi.json")), null, 2)}\n`;
  const kept = Bun.file(join(import.meta.dir, "../../test/golden/openapi.json"));
  if (process.env["HOLDFAST_GOLDEN"] === "write") await Bun.write(kept, now);
  expect(now).toBe(await kept.text());
});
