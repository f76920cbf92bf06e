import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { expect } from "bun:test";
import { run } from "../interop/peers.ts";

/** A key made for one test, in a keyring of its own. */
export interface SigningKey extends AsyncDisposable {
  /** GNUPGHOME. */
  readonly home: string;
  /** What `npm run packages -- --sign` takes. */
  readonly name: string;
  /** The public half, in a file. */
  readonly published: string;
}

export async function signingKey(home: string): Promise<SigningKey> {
  await mkdir(home, { recursive: true, mode: 0o700 });
  const env = { GNUPGHOME: home };
  const name = "packages@holdfast.test";
  const published = join(home, "public.asc");
  const quiet = ["gpg", "--batch", "--yes", "--quiet"];
  const words = ["--passphrase", "", "--quick-generate-key", name, "rsa3072", "sign", "never"];
  expect(await run([...quiet, ...words], { env })).toMatchObject({ code: 0 });
  const shown = await run([...quiet, "--armor", "--output", published, "--export", name], { env });
  expect(shown).toMatchObject({ code: 0 });
  return {
    home,
    name,
    published,
    async [Symbol.asyncDispose]() {
      await run(["gpgconf", "--kill", "gpg-agent"], { env });
      await rm(home, { recursive: true, force: true });
    },
  };
}
