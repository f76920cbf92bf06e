import type { ImportView } from "../../lib/admin/imports-panel.ts";
import { bytesText } from "../../lib/base/amount-text.ts";
import type { Result } from "../../lib/base/result.ts";
import { exitCode } from "../exit-codes.ts";
import type { HouseClient } from "../house-client.ts";
import { s3House } from "./s3-house.ts";
import type { Call, Verb } from "./verb.ts";

export const s3Import: Verb = {
  name: "s3 import",
  does: "copy a bucket of another S3 server (remote add): versions, tags, metadata, locks",
  args: [{ name: "REMOTE" }, { name: "BUCKET" }],
  options: [
    {
      name: "to",
      takes: "BUCKET",
      doc: "the bucket here, of the same name unless said; made where it is missing",
    },
    { name: "prefix", takes: "PREFIX", doc: "only keys that begin with it" },
    { name: "parallel", takes: "N", doc: "keys copied at the same time; 8 unless said" },
    { name: "owner", takes: "USER", doc: "whose the bucket is, where it is made" },
    { name: "background", doc: "do not wait for its end: holdfast s3 imports" },
  ],
  examples: ["s3 import minio photos", "s3 import minio photos --to pictures --prefix 2026/ --parallel 16"],
  run: importNow,
};

const lookMs = 500;

async function importNow(call: Call): Promise<number> {
  const parallel = call.option("parallel");
  if (parallel !== undefined && !/^[1-9]\d?$/.test(parallel)) {
    return call.refuse({ code: "invalid", what: "--parallel is 1 to 64", where: parallel });
  }
  const house = await s3House(call);
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const [prefix, owner] = [call.option("prefix"), call.option("owner")];
  const begun = await client.ask<ImportView>("POST", "/imports", {
    remote: call.arg("REMOTE"),
    bucket: call.arg("BUCKET"),
    to: call.option("to") ?? call.arg("BUCKET"),
    ...(prefix === undefined ? {} : { prefix }),
    ...(owner === undefined ? {} : { owner }),
    ...(parallel === undefined ? {} : { parallel: Number(parallel) }),
  });
  if (!begun.ok) return call.refuse(begun.fault);
  const ended = call.flag("background") ? begun : await untilEnded(call, client, begun.value.id);
  if (!ended.ok) return call.refuse(ended.fault);
  call.print.answer(ended.value, () => show(call, ended.value));
  const { state, failed } = ended.value;
  return state === "running" || (state === "done" && failed === 0) ? exitCode.ok : exitCode.badData;
}

async function untilEnded({ print }: Call, client: HouseClient, id: string): Promise<Result<ImportView>> {
  const shows = process.stderr.isTTY && !print.look.quiet && !print.look.json;
  for (;;) {
    const asked = await client.ask<ImportView>("GET", `/imports/${id}`);
    if (!asked.ok) return asked;
    const { state } = asked.value;
    if (shows) process.stderr.write(`\r\u001b[K${state === "running" ? lineOf(asked.value) : ""}`);
    if (state !== "running") return asked;
    await Bun.sleep(lookMs);
  }
}

const lineOf = ({ versions, bytes, there, failed }: ImportView): string =>
  `${versions} versions  ${bytesText(bytes)}  ${there} were there  ${failed} failed`;

function show({ print }: Call, one: ImportView): void {
  for (const { key, version, why } of one.failures) {
    print.line(`failed  ${version === "null" ? key : `${key} (${version})`}: ${why}`);
  }
  if (one.why !== null) print.line(`${one.state}: ${one.why}`);
  print.line(`${one.remote}/${one.bucket} to ${one.to}, ${one.state}: ${lineOf(one)}`);
}
