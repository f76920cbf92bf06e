import { bytesText } from "../../lib/base/amount-text.ts";
import { proveBackup } from "../../lib/store/backup/restore.ts";
import { exitCode } from "../exit-codes.ts";
import { whenText } from "./amounts.ts";
import type { Call, Verb } from "./verb.ts";

export const backupVerify: Verb = {
  name: "backup verify",
  does: "read a whole backup, and compare every byte with its checksums",
  args: [{ name: "DIR" }],
  options: [],
  examples: ["backup verify /mnt/backup/holdfast"],
  run: backupVerifyNow,
};

async function backupVerifyNow(call: Call): Promise<number> {
  const proof = await proveBackup(call.arg("DIR"));
  if (!proof.ok) return call.refuse(proof.fault);
  const { facts, findings } = proof.value;
  const { print } = call;
  print.answer({ whole: findings.length === 0, ...proof.value }, () => {
    const state = findings.length === 0 ? print.good("whole") : print.bad("damaged");
    const amount = print.clean(`${facts.objects} objects, ${bytesText(facts.bytes)}`);
    print.painted(
      `${state}  ${amount}, made ${print.clean(whenText(facts.at))} by ${print.clean(facts.version)}`,
    );
    for (const finding of findings) print.painted(print.bad(`  ${finding}`));
  });
  return findings.length === 0 ? exitCode.ok : exitCode.badData;
}
