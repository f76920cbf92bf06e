import type { Database } from "bun:sqlite";
import { lossyText, utf8 } from "../../base/bytes.ts";
import { fail, ok, type Result } from "../../base/result.ts";
import { asUnixMs, type Clock } from "../../base/time.ts";
import type { Seal } from "../../crypto/seal.ts";
import type { NewRemote, Remote, Remotes } from "../remotes.ts";
import type { Writer } from "./writer.ts";

interface Row {
  readonly name: string;
  readonly endpoint: string;
  readonly region: string;
  readonly key_id: string;
  readonly secret: Uint8Array;
  readonly ca: string;
  readonly created_at: number;
}

interface RemotesRoom {
  readonly read: Database;
  readonly write: Database;
  readonly writer: Writer;
  readonly seal: Seal;
  readonly clock: Clock;
}

const purpose = (name: string): string => `remote:${name}`;
const none = (name: string): Result<never> =>
  fail("not-found", "there is no such remote", { where: name, mend: "see: holdfast remote list" });

export function sqliteRemotes({ read, write, writer, seal, clock }: RemotesRoom): Remotes {
  const all = read.prepare<Row, []>("SELECT * FROM remotes ORDER BY name");
  const one = read.prepare<Row, [string]>("SELECT * FROM remotes WHERE name = ?");
  const put = write.prepare<null, [string, string, string, string, Uint8Array, string, number]>(
    "INSERT OR REPLACE INTO remotes VALUES(?,?,?,?,?,?,?)",
  );
  const remove = write.prepare<null, [string]>("DELETE FROM remotes WHERE name = ?");
  return {
    all: async () => all.all().map(toRemote),
    async open(name) {
      const row = one.get(name);
      if (!row) return none(name);
      const secret = seal.open(row.secret, purpose(name));
      if (!secret) return fail("damaged", "the remote's secret cannot be opened", { where: name });
      return ok({ ...toRemote(row), secret: lossyText(secret) });
    },
    async put(remote) {
      const refused = refusalOf(remote);
      if (refused) return refused;
      const { name, endpoint, region, keyId, ca, secret } = remote;
      const createdAt = clock.wall();
      const sealed = seal.close(utf8(secret), purpose(name));
      return await writer.write(() => {
        put.run(name, endpoint, region, keyId, sealed, ca, createdAt);
        return ok({ name, endpoint, region, keyId, ca, createdAt });
      });
    },
    remove: (name) => writer.write(() => (remove.run(name).changes > 0 ? ok() : none(name))),
  };
}

function refusalOf({ name, endpoint, region, keyId, ca, secret }: NewRemote): Result<never> | undefined {
  if (!/^[a-z0-9][a-z0-9-]{0,63}$/.test(name)) {
    return fail("bad-name", "a remote's name has 1 to 64 small letters, digits and dashes", { where: name });
  }
  const url = URL.canParse(endpoint) ? new URL(endpoint) : undefined;
  const plain = url && url.pathname === "/" && url.search === "" && url.username === "";
  if (!plain || (url.protocol !== "http:" && url.protocol !== "https:")) {
    return fail("invalid", "an endpoint is http:// or https://, a host and perhaps a port");
  }
  if (keyId === "" || keyId.length > 256 || secret === "" || secret.length > 256) {
    return fail("invalid", "an access key has an id and a secret of 1 to 256 characters");
  }
  if (!/^[a-z0-9-]{1,63}$/.test(region)) return fail("invalid", "a region is like us-east-1");
  if (ca !== "" && (ca.length > 65_536 || !ca.includes("-----BEGIN CERTIFICATE-----"))) {
    return fail("invalid", "an authority is a certificate in PEM form");
  }
  return undefined;
}

const toRemote = ({ name, endpoint, region, key_id, ca, created_at }: Row): Remote => ({
  name,
  endpoint,
  region,
  keyId: key_id,
  ca,
  createdAt: asUnixMs(created_at),
});
