import type { AdminApp, AdminCore } from "./needs.ts";
import type { AdminPanel } from "./panel.ts";

/** The OpenAPI 3.1 document at /api/v1/openapi.json. It tells what may be asked, and nothing of the house. */
export function mountDocument(
  app: AdminApp,
  core: Pick<AdminCore, "version">,
  panels: readonly AdminPanel[],
): void {
  app.openAPIRegistry.registerComponent("securitySchemes", "token", {
    type: "http",
    scheme: "bearer",
    description: "An API token (hf_live_…), or one that sign-in gave.",
  });
  app.get("/api/v1/openapi.json", (c) => c.json(documentOf(app, core.version, panels)));
}

export function documentOf(app: AdminApp, version: string, panels: readonly AdminPanel[]): object {
  return app.getOpenAPI31Document({
    openapi: "3.1.0",
    info: {
      title: "Holdfast admin API",
      version,
      description: "What the command line and the console speak. Refusals are RFC 9457 problems.",
      license: { name: "Apache-2.0" },
    },
    tags: panels.map(({ name, doc }) => ({ name, description: doc })),
  });
}
