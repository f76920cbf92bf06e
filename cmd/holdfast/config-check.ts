import { fault } from "../../lib/base/fault.ts";
import { exitCode } from "../exit-codes.ts";
import { findDaemons } from "./find-daemons.ts";
import type { Call, Verb } from "./verb.ts";

export const configCheck: Verb = {
  name: "config check",
  does: "whether the configuration would be accepted; every problem with its line",
  args: [{ name: "PATH", optional: true }],
  options: [{ name: "daemon", takes: "NAME", doc: "only this one: s3d, ftpd, smbd, utcd" }],
  examples: ["config check", "config check ./new-config --daemon ftpd"],
  run: configCheckNow,
};

/** Each daemon judges its own: it knows its settings. */
async function configCheckNow(call: Call): Promise<number> {
  const wanted = call.option("daemon");
  const plans = findDaemons().filter(({ name }) => wanted === undefined || name === wanted);
  if (plans.length === 0)
    return call.refuse(
      fault("not-found", `there is no daemon ${wanted ?? "here"}`, { mend: "s3d, ftpd, smbd, utcd" }),
    );
  const path = call.arg("PATH");
  const verdicts = await Promise.all(
    plans.map(async ({ name, command }) => {
      const flags = ["--check", ...(path === "" ? [] : ["--config", path])];
      const child = Bun.spawn([...command, ...flags], { stdout: "ignore", stderr: "pipe", stdin: "ignore" });
      const said = (await new Response(child.stderr).text()).trimEnd();
      return { daemon: name, good: (await child.exited) === 0, said: said.split("\n") };
    }),
  );
  const { print } = call;
  print.answer(verdicts, () => {
    for (const { daemon, good, said } of verdicts) {
      const [first = "", ...rest] = said;
      print.painted(
        `${good ? print.good("good") : print.bad("bad ")}  ${print.strong(daemon)}  ${print.dim(first)}`,
      );
      for (const line of rest) print.line(`      ${line}`);
    }
  });
  return verdicts.every(({ good }) => good) ? exitCode.ok : exitCode.configuration;
}
