import { readFileSync } from "node:fs";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { systemEntropy } from "../../lib/host/entropy.ts";
import { newPassword } from "../first-run.ts";
import type { Call, VerbOption } from "./verb.ts";

/** How a password is given: never as an argument, where every process of the host could read it. */
export const passwordOptions: readonly VerbOption[] = [
  {
    name: "password-file",
    takes: "FILE",
    doc: "read the password from a file's first line; - is standard input",
  },
  { name: "generate", doc: "make a strong password and print it" },
];

/** The password, asked for twice on a terminal. Faults: invalid. */
export async function newSecret(call: Call): Promise<Result<{ password: string; generated: boolean }>> {
  const file = call.option("password-file");
  if (call.flag("generate") && file !== undefined)
    return fail("invalid", "--generate and --password-file exclude one another");
  if (call.flag("generate")) return ok({ password: newPassword(systemEntropy()), generated: true });
  if (file !== undefined) return fromFile(file);
  if (!process.stdin.isTTY)
    return fail("invalid", "there is no terminal to ask for the password on", {
      mend: "give it with --password-file FILE (- is standard input), or say --generate",
    });
  const first = await askHidden("Password: ");
  const second = await askHidden("Again: ");
  if (first !== second) return fail("invalid", "the two passwords differ", { mend: "try again" });
  return checked(first);
}

function fromFile(file: string): Result<{ password: string; generated: boolean }> {
  try {
    const text = readFileSync(file === "-" ? 0 : file, "utf8");
    return checked(text.replace(/\r?\n[\s\S]*$/, ""));
  } catch (error) {
    const { code = "it cannot be read" } = error as NodeJS.ErrnoException;
    return fail("invalid", `the password file cannot be read: ${code}`, { where: file });
  }
}

const checked = (password: string): Result<{ password: string; generated: boolean }> =>
  password === "" ? fail("invalid", "the password is empty") : ok({ password, generated: false });

/** One line from the terminal, not shown. Control-C ends the program as it would anywhere. */
function askHidden(prompt: string): Promise<string> {
  const { stdin } = process;
  process.stderr.write(prompt);
  stdin.setRawMode(true);
  stdin.resume();
  const { promise, resolve } = Promise.withResolvers<string>();
  let typed = "";
  const end = (): void => {
    stdin.off("data", take);
    stdin.setRawMode(false);
    stdin.pause();
    process.stderr.write("\n");
  };
  const take = (chunk: Buffer): void => {
    for (const letter of chunk.toString("utf8")) {
      if (letter === "\u0003") {
        end();
        process.exit(130);
      }
      if (letter === "\r" || letter === "\n" || letter === "\u0004") {
        end();
        return resolve(typed);
      }
      if (letter === "\u007f" || letter === "\b") typed = Array.from(typed).slice(0, -1).join("");
      else if (letter === "\u0015") typed = "";
      else typed += letter;
    }
  };
  stdin.on("data", take);
  return promise;
}
