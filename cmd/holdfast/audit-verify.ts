import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fault } from "../../lib/base/fault.ts";
import { proveAudit, type AuditProof } from "../../lib/store/audit-verify.ts";
import { countText } from "../../lib/base/amount-text.ts";
import { exitCode } from "../exit-codes.ts";
import { whenText } from "./amounts.ts";
import type { Printer } from "./printer.ts";
import type { Call, Verb } from "./verb.ts";

export const auditVerify: Verb = {
  name: "audit verify",
  does: "prove the audit trail from its files, without any daemon",
  args: [{ name: "DIR", optional: true }],
  options: [
    { name: "key", takes: "FILE", doc: "prove with a public key kept elsewhere, not the one in the folder" },
  ],
  examples: ["audit verify", "audit verify /backup/audit --key /secure/holdfast-audit.pub"],
  run: auditVerifyNow,
};

async function auditVerifyNow(call: Call): Promise<number> {
  const folder = call.arg("DIR") || (call.data === undefined ? "audit" : join(call.data, "audit"));
  const keyFile = call.option("key");
  if (keyFile !== undefined && !existsSync(keyFile))
    return call.refuse(fault("not-found", "there is no such key file", { where: keyFile }));
  const key = keyFile === undefined ? undefined : readFileSync(keyFile, "utf8");
  const proof = await proveAudit(folder, key);
  if (!proof.ok) return call.refuse(proof.fault);
  const { chains } = proof.value;
  const whole = chains.every(({ findings }) => findings.length === 0);
  call.print.answer({ whole, ...proof.value }, () => tell(call.print, proof.value));
  return whole ? exitCode.ok : exitCode.badData;
}

function tell(print: Printer, { key, chains }: AuditProof): void {
  for (const { daemon, lines, files, sealedTo, firstAt, lastAt, findings, checkpoints } of chains) {
    const state = findings.length === 0 ? print.good("whole") : print.bad("broken");
    const span = firstAt === "" ? "" : `, ${whenText(firstAt)} to ${whenText(lastAt)}`;
    print.line(`${daemon}: ${countText(lines, "line")} in ${countText(files, "file")}${span}`);
    print.painted(`  ${state}, sealed up to line ${sealedTo} by ${countText(checkpoints, "checkpoint")}`);
    for (const { where, what } of findings) print.painted(print.bad(`  ${where}: ${what}`));
  }
  if (chains.length === 0) print.note("there is no trail yet");
  print.note(`key ${key}: compare it with the one you noted`);
}
