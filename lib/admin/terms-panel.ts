import { z } from "@hono/zod-openapi";
import { parsePrefix } from "../base/ip.ts";
import { parsePath, pathText } from "../base/path.ts";
import { fail, ok } from "../base/result.ts";
import { periods, readHours, type Terms } from "../rules/terms.ts";
import type { Book } from "../store/kept-book.ts";
import { operation, type AdminPanel, type Operation } from "./panel.ts";

const hours = z
  .string()
  .max(80)
  .refine((text) => readHours(text) !== undefined, 'write it like "mon-fri 08:00-18:00 Europe/Vienna"');
const net = z
  .string()
  .max(64)
  .refine((text) => parsePrefix(text) !== undefined, 'write it like "192.0.2.0/24"');
const rate = z.int().min(1);
const Allowance = z.object({ bytes: z.int().min(1), per: z.enum(periods) });
const place = z
  .string()
  .max(1024)
  .refine((text) => {
    const path = parsePath(text);
    return path.ok && path.value.length > 0 && pathText(path.value) === text;
  }, 'write it like "/pub/common"');
const Folder = z.object({
  at: place,
  bucket: z.string().min(3).max(63),
  prefix: z
    .string()
    .max(1024)
    .regex(/^(?:|.*\/)$/, 'a prefix is empty or ends in "/"')
    .default(""),
});

const TermsBody = z
  .strictObject({
    hours: z.array(hours).max(32).optional(),
    networks: z.array(net).max(64).optional(),
    sessions: z.int().min(1).max(1_000_000).optional(),
    downloadRate: rate.optional().openapi({ description: "Bytes a second." }),
    uploadRate: rate.optional(),
    downloadQuota: Allowance.optional(),
    uploadQuota: Allowance.optional(),
    folders: z.array(Folder).max(64).optional(),
  })
  .openapi("Terms");

const Who = z
  .string()
  .max(80)
  .regex(
    /^(?:everyone|(?:user|group):[A-Za-z0-9._@-]{1,64})$/,
    'it is "everyone", "group:NAME" or "user:NAME"',
  );
const WhoPath = z.object({ who: Who });
const Row = z.object({ who: z.string(), terms: TermsBody }).openapi("TermsRow");

/** On what terms people use the doors for files. */
export function termsPanel(keeper: Book<Terms>): AdminPanel {
  return {
    name: "Terms",
    doc: "Hours, networks, rates, transfer quotas and virtual folders, for everyone, groups and users.",
    operations: [...reading(keeper), ...writing(keeper)],
  };
}

const reading = (keeper: Book<Terms>): Operation[] => [
  operation({
    id: "listTerms",
    method: "get",
    path: "/terms",
    permission: { house: "house.users" },
    summary: "All terms, by whom they are for.",
    answer: z.object({ rows: z.array(Row) }),
    run: async () => ok({ rows: [...keeper.book()].map(([who, terms]) => ({ who, terms: plain(terms) })) }),
  }),
];

const writing = (keeper: Book<Terms>): Operation[] => [
  operation({
    id: "setTerms",
    method: "put",
    path: "/terms/{who}",
    permission: { house: "house.users" },
    summary: "State the terms of everyone, a group or a user, in place of what was stated before.",
    params: WhoPath,
    body: TermsBody,
    audit: ({ params, body }) => ({
      verb: "terms.change",
      target: params.who,
      detail: { states: Object.keys(body).join(" ") },
    }),
    run: async ({ params, body }) => ok(keeper.set(params.who, body)),
  }),
  operation({
    id: "removeTerms",
    method: "delete",
    path: "/terms/{who}",
    permission: { house: "house.users" },
    summary: "Forget the terms of everyone, a group or a user.",
    params: WhoPath,
    audit: ({ params }) => ({ verb: "terms.change", target: params.who }),
    run: async ({ params }) => {
      if (!keeper.book().has(params.who)) return fail("not-found", "no terms are stated for them");
      return ok(keeper.set(params.who, undefined));
    },
  }),
];

const plain = (terms: Terms): z.input<typeof TermsBody> => JSON.parse(JSON.stringify(terms)) as object;
