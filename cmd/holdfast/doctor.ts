import { exitCode } from "../exit-codes.ts";
import { checkClock, checkEnvironment, checkLimits } from "./doctor-host.ts";
import { checkDisk, checkFirstRun, checkPermissions } from "./doctor-data.ts";
import { checkConfiguration, checkDaemons, checkFileTransfer, checkPorts } from "./doctor-daemons.ts";
import type { Finding } from "../../lib/watch/finding.ts";
import type { Call, Verb } from "./verb.ts";

export const doctor: Verb = {
  name: "doctor",
  does: "look for what is wrong or will be, and tell how to mend it",
  args: [],
  options: [],
  examples: ["doctor", "doctor --json"],
  run: doctorNow,
};

async function doctorNow(call: Call): Promise<number> {
  const { data, print } = call;
  const groups = await Promise.all([
    checkEnvironment(),
    checkLimits(),
    checkClock(),
    ...(data === undefined ? [] : [checkDisk(data), checkPermissions(data), checkFirstRun(data)]),
    checkDaemons(data),
    checkPorts(data),
    checkConfiguration(),
    checkFileTransfer(data),
  ]);
  const findings = groups.flat();
  print.answer(findings, () => {
    for (const finding of findings) if (!print.look.quiet || finding.state !== "good") tell(call, finding);
    const troubles = findings.filter(({ state }) => state !== "good").length;
    print.note(troubles === 0 ? "nothing is wrong" : `${troubles} of ${findings.length} need a look`);
  });
  return findings.some(({ state }) => state === "bad") ? exitCode.refused : exitCode.ok;
}

function tell({ print }: Call, { state, about, found, mend }: Finding): void {
  const mark = { good: print.good("good"), look: print.warn("look"), bad: print.bad("bad ") }[state];
  print.painted(`${mark}  ${print.strong(about.padEnd(14))}  ${print.clean(found)}`);
  if (mend !== undefined) print.painted(`${" ".repeat(22)}${print.dim(`mend: ${mend}`)}`);
}
