import { readFileSync } from "node:fs";
import type { RemoteView } from "../../lib/admin/remotes-panel.ts";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { exitCode } from "../exit-codes.ts";
import { s3House } from "./s3-house.ts";
import { newSecret } from "./secret-input.ts";
import type { Call, Verb } from "./verb.ts";

export const remoteAdd: Verb = {
  name: "remote add",
  does: "make another S3 server known, or change what is known of it",
  args: [{ name: "NAME" }, { name: "URL" }],
  options: [
    { name: "key", takes: "ID", doc: "our access key's id there" },
    { name: "password-file", takes: "FILE", doc: "its secret, in a file's first line; - is standard input" },
    { name: "region", takes: "REGION", doc: "the region to sign for; us-east-1 unless said" },
    { name: "ca", takes: "FILE", doc: "the authority its certificate is of, PEM" },
  ],
  examples: [
    "remote add mirror https://s3.example.org:9000 --key AKIA… --password-file secret.txt",
    "remote add twin https://twin:9000 --key AKIA… --ca house-ca.pem",
  ],
  run: addNow,
};

async function addNow(call: Call): Promise<number> {
  const keyId = call.option("key");
  if (keyId === undefined) {
    return call.refuse({ code: "invalid", what: "which access key?", mend: "say --key ID" });
  }
  const ca = authorityOf(call.option("ca"));
  if (!ca.ok) return call.refuse(ca.fault);
  const secret = await newSecret(call);
  if (!secret.ok) return call.refuse(secret.fault);
  const house = await s3House(call);
  if (!house.ok) return call.refuse(house.fault);
  await using client = house.value;
  const path = `/remotes/${encodeURIComponent(call.arg("NAME"))}`;
  const added = await client.ask<RemoteView>("PUT", path, {
    endpoint: call.arg("URL"),
    region: call.option("region") ?? "us-east-1",
    keyId,
    secret: secret.value.password,
    ca: ca.value,
  });
  if (!added.ok) return call.refuse(added.fault);
  const { name } = added.value;
  call.print.answer(added.value, () =>
    call.print.note(`${name} is known: its buckets are arn:aws:s3::${name}:BUCKET in replication rules`),
  );
  return exitCode.ok;
}

function authorityOf(file: string | undefined): Result<string> {
  if (file === undefined) return ok("");
  try {
    return ok(readFileSync(file, "utf8"));
  } catch (error) {
    const { code = "it cannot be read" } = error as NodeJS.ErrnoException;
    return fail("invalid", `the authority's file cannot be read: ${code}`, { where: file });
  }
}
