import { z } from "@hono/zod-openapi";
import { ipText, parseIp } from "../base/ip.ts";
import { fail, ok } from "../base/result.ts";
import { isSiteName, type Site } from "../rules/sites.ts";
import type { Book } from "../store/kept-book.ts";
import { operation, type AdminPanel } from "./panel.ts";

const Address = z.string().refine((text) => {
  const ip = parseIp(text);
  return ip !== undefined && ipText(ip) === text;
}, "an address, in its shortest spelling");
const line = z
  .string()
  .max(200)
  .regex(/^[^\r\n\0]*$/, "one line");
const file = z
  .string()
  .max(4096)
  .regex(/^[^\0]+$/, "a path");

const SiteBody = z
  .strictObject({
    addresses: z.array(Address).max(64).default([]),
    certificate: file.optional().openapi({ description: "PEM file; the key stands in certificateKey." }),
    certificateKey: file.optional(),
    users: z
      .array(z.string().regex(/^(?:group:)?[A-Za-z0-9._@-]{1,64}$/))
      .max(1000)
      .optional()
      .openapi({ description: '"ann" or "group:staff"; everybody where absent.' }),
    root: z
      .object({ bucket: z.string().min(3).max(63), prefix: z.string().max(1024).default("") })
      .optional(),
    greeting: line.optional(),
    welcome: line.optional(),
    sessions: z.int().min(1).max(1_000_000).optional(),
  })
  .refine(
    ({ certificate, certificateKey }) => (certificate === undefined) === (certificateKey === undefined),
    {
      error: "a certificate and its key go together",
    },
  )
  .openapi("SiteBody");

const SitePath = z.object({ site: z.string().refine(isSiteName, "a host name in small letters") });
const Row = z.object({ name: z.string(), site: z.unknown() }).openapi("SiteRow");
type Kept = Omit<Site, "name">;

/** Virtual hosts of FTP and FTPS. */
export function sitesPanel(sites: Book<Kept>): AdminPanel {
  return {
    name: "Sites",
    doc: "Virtual hosts of FTP and FTPS, by HOST, SNI and address.",
    operations: [
      operation({
        id: "listSites",
        method: "get",
        path: "/sites",
        permission: { house: "house.read" },
        summary: "Every virtual host.",
        answer: z.object({ rows: z.array(Row) }),
        run: async () => ok({ rows: [...sites.book()].map(([name, site]) => ({ name, site })) }),
      }),
      operation({
        id: "setSite",
        method: "put",
        path: "/sites/{site}",
        permission: { house: "house.configure" },
        summary:
          "State what a virtual host is, in place of what it was. It holds for who connects from now on.",
        params: SitePath,
        body: SiteBody,
        audit: ({ params }) => ({ verb: "site.change", target: params.site }),
        run: async ({ params, body }) => ok(sites.set(params.site, body)),
      }),
      operation({
        id: "removeSite",
        method: "delete",
        path: "/sites/{site}",
        permission: { house: "house.configure" },
        summary: "Forget a virtual host.",
        params: SitePath,
        audit: ({ params }) => ({ verb: "site.change", target: params.site }),
        run: async ({ params }) => {
          if (!sites.book().has(params.site)) return fail("not-found", "there is no such virtual host");
          return ok(sites.set(params.site, undefined));
        },
      }),
    ],
  };
}
