import { writeAll } from "../../lib/host/log-output.ts";
import { exitCode } from "../exit-codes.ts";
import type { FtpdConfig } from "./config.ts";
import { scanFtpd } from "./scan.ts";

/** `holdfast-ftpd scan`: tells what is wrong in the configuration as it would be used. Gives the exit code:
 *  not 0 where something is bad. */
export function tellScan(config: FtpdConfig, data: string): number {
  const findings = scanFtpd(config, data, Date.now());
  const lines = findings.flatMap(({ state, about, found, mend }) => [
    `${state.padEnd(4)}  ${about.padEnd(14)}  ${found}`,
    ...(mend === undefined ? [] : [`${" ".repeat(22)}mend: ${mend}`]),
  ]);
  writeAll(1, `${lines.join("\n")}\n`);
  return findings.some(({ state }) => state === "bad") ? exitCode.refused : exitCode.ok;
}
