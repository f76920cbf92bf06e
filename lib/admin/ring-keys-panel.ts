import { z } from "@hono/zod-openapi";
import { ok, type Result } from "../base/result.ts";
import type { KeyRing, RingKey } from "../store/keys.ts";
import { Moment, momentText, operation, type AdminPanel, type Operation } from "./panel.ts";

export interface RingKeysNeeds {
  readonly keyRing: KeyRing;
}

const Count = z.int().min(0);
const State = z.enum(["enabled", "disabled", "retired"]).openapi({
  description:
    "enabled: seals and opens. disabled: neither. retired: opens what it sealed, and seals nothing new.",
});
const RingKeyView = z
  .object({
    id: z.string(),
    alias: z.string().nullable(),
    state: State,
    version: Count,
    createdAt: Moment,
    rotatedAt: Moment.nullable(),
    seals: Count.openapi({ description: "Bodies whose data key it seals." }),
    pending: Count.openapi({ description: "Of those, what a rotation has not yet reached." }),
  })
  .openapi("RingKey");
export type RingKeyView = z.output<typeof RingKeyView>;

const NewRingKey = z
  .strictObject({ alias: z.string().min(1).max(128).nullable().default(null) })
  .openapi("NewRingKey");
const RingKeyPatch = z.strictObject({ state: State }).openapi("RingKeyPatch");
const RingKeyPath = z.object({ key: z.string().min(1).max(256) });

/** The keys that seal what is encrypted at rest. A key itself is never shown. */
export function ringKeysPanel(needs: RingKeysNeeds): AdminPanel {
  return {
    name: "Encryption keys",
    doc: "The key ring: keys that seal the data keys of encrypted objects.",
    operations: [...readKeys(needs), ...makeKeys(needs), ...changeKeys(needs)],
  };
}

const readKeys = ({ keyRing }: RingKeysNeeds): Operation[] => [
  operation({
    id: "listRingKeys",
    method: "get",
    path: "/kms/keys",
    permission: { house: "house.read" },
    summary: "Every key of the ring, the house's own first.",
    answer: z.object({ rows: z.array(RingKeyView) }),
    run: async ({ tenant }) => ok({ rows: (await keyRing.keys(tenant)).map(keyView) }),
  }),
  operation({
    id: "readRingKey",
    method: "get",
    path: "/kms/keys/{key}",
    permission: { house: "house.read" },
    summary: "One key, by its id or alias.",
    params: RingKeyPath,
    answer: RingKeyView,
    run: async ({ tenant, params }) => shown(await keyRing.key(tenant, params.key)),
  }),
];

const makeKeys = ({ keyRing }: RingKeysNeeds): Operation[] => [
  operation({
    id: "addRingKey",
    method: "post",
    path: "/kms/keys",
    permission: { house: "house.configure" },
    summary: "Make a key.",
    body: NewRingKey,
    answer: RingKeyView,
    status: 201,
    audit: ({ body }) => ({ verb: "ring-key.add", target: body.alias ?? "" }),
    run: async ({ by, tenant, body }) => shown(await keyRing.addKey(by, tenant, body.alias ?? undefined)),
  }),
  operation({
    id: "rotateRingKey",
    method: "post",
    path: "/kms/keys/{key}/rotate",
    permission: { house: "house.configure" },
    summary: "Make a new version of a key. What older versions sealed is sealed again in the background.",
    params: RingKeyPath,
    answer: RingKeyView,
    audit: ({ params }) => ({ verb: "ring-key.rotate", target: params.key }),
    run: async ({ by, tenant, params }) => shown(await keyRing.rotateKey(by, tenant, params.key)),
  }),
];

const changeKeys = ({ keyRing }: RingKeysNeeds): Operation[] => [
  operation({
    id: "changeRingKey",
    method: "patch",
    path: "/kms/keys/{key}",
    permission: { house: "house.configure" },
    summary: "Enable, disable or retire a key.",
    params: RingKeyPath,
    body: RingKeyPatch,
    answer: RingKeyView,
    audit: ({ params, body }) => ({
      verb: "ring-key.change",
      target: params.key,
      detail: { state: body.state },
    }),
    run: async ({ by, tenant, params, body }) =>
      shown(await keyRing.setKeyState(by, tenant, params.key, body.state)),
  }),
  operation({
    id: "removeRingKey",
    method: "delete",
    path: "/kms/keys/{key}",
    permission: { house: "house.configure" },
    summary: "Remove a retired key that nothing needs any more.",
    params: RingKeyPath,
    audit: ({ params }) => ({ verb: "ring-key.remove", target: params.key }),
    run: async ({ by, tenant, params }) => await keyRing.removeKey(by, tenant, params.key),
  }),
];

const shown = (found: Result<RingKey>): Result<RingKeyView> => (found.ok ? ok(keyView(found.value)) : found);

const keyView = (key: RingKey): RingKeyView => ({
  id: key.id,
  alias: key.alias ?? null,
  state: key.state,
  version: key.version,
  createdAt: momentText(key.createdAt),
  rotatedAt: key.rotatedAt === undefined ? null : momentText(key.rotatedAt),
  seals: key.seals,
  pending: key.pending,
});
