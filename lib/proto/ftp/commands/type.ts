import { command } from "../command.ts";

/** RFC 959 §3.1.1: ASCII non-print and image; L 8 is image. */
export const type = command("TYPE", "A|I|L 8", (control, argument) => {
  const asked = argument.trim().toUpperCase().replace(/\s+/g, " ");
  const ascii = asked === "A" || asked === "A N";
  if (!ascii && asked !== "I" && asked !== "L 8") {
    const isKnown = /^(?:A [TC]|E(?: [NTC])?|L \d{1,3})$/.test(asked);
    return control.reply(isKnown ? 504 : 501, "Types are A, I and L 8");
  }
  control.ascii = ascii;
  return control.reply(200, ascii ? "Type is ASCII" : "Type is image");
});
