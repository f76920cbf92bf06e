import { exitCode } from "../exit-codes.ts";
import type { Call, Verb } from "./verb.ts";
import { clientOf, findHouse } from "../house-client.ts";
import { ownerDoors } from "../owner-door.ts";

export const configShow: Verb = {
  name: "config show",
  does: "what every running daemon has set, and where it comes from; secrets stay hidden",
  args: [{ name: "DAEMON", optional: true }],
  options: [{ name: "changed", doc: "only what is not a default" }],
  examples: ["config show", "config show ftpd --changed"],
  run: configShowNow,
};

interface Configuration {
  readonly values: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly origins: Readonly<Record<string, string>>;
  readonly files: readonly string[];
}

async function configShowNow(call: Call): Promise<number> {
  const running = await findHouse(call.data);
  if (!running.ok) return call.refuse(running.fault);
  const wanted = call.arg("DAEMON");
  const all: Record<string, Configuration> = {};
  for (const door of ownerDoors(call.data ?? "")) {
    if (wanted !== "" && door.name !== wanted) continue;
    const client = await clientOf(door);
    const shown = client && (await client.ask<Configuration>("GET", "/configuration"));
    if (shown?.ok === false) return call.refuse(shown.fault);
    if (shown) all[door.name] = shown.value;
  }
  call.print.answer(all, () => {
    for (const [daemon, configuration] of Object.entries(all)) tell(call, daemon, configuration);
  });
  return exitCode.ok;
}

function tell(call: Call, daemon: string, { values, origins, files }: Configuration): void {
  const { print } = call;
  print.painted(`${print.strong(daemon)} ${print.dim(files.length > 0 ? files.join(", ") : "no files")}`);
  const rows = Object.entries(values).flatMap(([section, fields]) =>
    Object.entries(fields).map(([key, value]) => {
      const origin = origins[`${section}.${key}`] ?? "default";
      return [`${section}.${key}`, plainText(value), origin];
    }),
  );
  const kept = call.flag("changed") ? rows.filter(([, , origin]) => origin !== "default") : rows;
  print.table(["SETTING", "VALUE", "FROM"], kept, "everything is as it comes");
}

/** Endpoints as they are written; everything else as JSON. */
function plainText(value: unknown): string {
  if (typeof value === "string") return value;
  if (typeof value === "object" && value !== null && "host" in value && "port" in value) {
    const host = String(value.host);
    return `${host.includes(":") ? `[${host}]` : host}:${String(value.port)}`;
  }
  return value === undefined ? "" : JSON.stringify(value);
}
