import { open } from "node:fs/promises";
import { bytesText } from "../../lib/base/amount-text.ts";
import { fault } from "../../lib/base/fault.ts";
import { exitCode } from "../exit-codes.ts";
import { momentOf, momentOptions } from "./moment-option.ts";
import type { Call, Verb } from "./verb.ts";

export const snapshotGet: Verb = {
  name: "snapshot get",
  does: "fetch an object as it was at a snapshot or at a time",
  args: [{ name: "BUCKET" }, { name: "KEY" }, { name: "FILE" }],
  options: momentOptions,
  examples: ["snapshot get projects plan.odt plan-old.odt --at 2h"],
  run: getNow,
};

async function getNow(call: Call): Promise<number> {
  const moment = momentOf(call);
  if (!moment.ok) return call.refuse(moment.fault);
  const house = await call.house("direct");
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const query = new URLSearchParams({ ...moment.value, key: call.arg("KEY") });
  const path = `/buckets/${encodeURIComponent(call.arg("BUCKET"))}/past/object`;
  const answer = await client.open(`${path}?${query.toString()}`);
  if (!answer.ok) return call.refuse(answer.fault);
  const file = call.arg("FILE");
  try {
    const bytes = await save(answer.value, file);
    call.print.answer({ file, bytes }, () => call.print.note(`${bytesText(bytes)} are in ${file}`));
    return exitCode.ok;
  } catch (error) {
    return call.refuse(
      fault("io", `the file cannot be written: ${(error as Error).message}`, { where: file }),
    );
  }
}

/** Into a new file: one that is there stays. */
async function save(answer: Response, path: string): Promise<number> {
  await using file = await open(path, "wx");
  let bytes = 0;
  for await (const chunk of answer.body as unknown as AsyncIterable<Uint8Array>) {
    await file.write(chunk);
    bytes += chunk.length;
  }
  return bytes;
}
