import { exitCode } from "../exit-codes.ts";
import { timeTemplates } from "./time-templates.ts";
import type { Call, Verb } from "./verb.ts";

export const timeTemplate: Verb = {
  name: "time template",
  does: "a configuration of holdfast-utcd to begin with",
  args: [{ name: "NAME", optional: true }],
  options: [],
  examples: ["time template", "time template lan-server > /etc/holdfast/utcd.yaml"],
  run: show,
};

function show(call: Call): Promise<number> {
  const name = call.arg("NAME");
  const rows = timeTemplates.map((one) => [one.name, one.does]);
  if (name === "") {
    const known = timeTemplates.map(({ name: known, does }) => ({ name: known, does }));
    call.print.answer(known, () => call.print.table(["NAME", "WHAT IT DOES"], rows, ""));
    return Promise.resolve(exitCode.ok);
  }
  const template = timeTemplates.find((one) => one.name === name);
  if (!template) {
    const mend = timeTemplates.map((one) => one.name).join(", ");
    return Promise.resolve(call.refuse({ code: "not-found", what: `there is no template ${name}`, mend }));
  }
  call.print.answer(template, () => call.print.line(template.text.trimEnd()));
  return Promise.resolve(exitCode.ok);
}
