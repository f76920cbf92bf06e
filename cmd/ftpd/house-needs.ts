import { randomText } from "../../lib/base/ids.ts";
import { fail, ok } from "../../lib/base/result.ts";
import type { FtpNeeds } from "../../lib/gate/ftp/needs.ts";
import { FileTally } from "../../lib/gate/file-tally.ts";
import { filesOf } from "../../lib/store/bucket-files.ts";
import { guardObjects } from "../../lib/store/guard.ts";
import { leasedFiles } from "../../lib/store/leased-files.ts";
import { personalFiles } from "../../lib/store/personal-files.ts";
import type { Store } from "../../lib/store/open.ts";
import type { AuditTrail } from "../../lib/watch/audit.ts";
import type { Boot } from "../boot.ts";
import { mainTenant } from "../first-run.ts";
import { principalName, signInRefusal } from "../../lib/rules/identity.ts";
import { isAuthorizedKey } from "./authorized-keys.ts";
import { digester } from "./digester.ts";
import type { Doorkeeper } from "./doorkeeper.ts";
import type { SftpNeeds } from "./serve-sftp.ts";

/** What FTP and SFTP need, from the house's store. */
export function houseNeeds(
  house: Pick<Boot<readonly []>, "clock" | "entropy" | "log" | "data" | "metrics">,
  {
    objects,
    identities,
    leases,
    staging,
    pool,
  }: Pick<Store, "objects" | "identities" | "leases" | "staging" | "pool">,
  audit: AuditTrail,
  doorkeeper: Doorkeeper,
  everybody: FtpNeeds["everybody"],
): FtpNeeds & SftpNeeds {
  const { clock, entropy, log, metrics } = house;
  const newHolder = (): string => randomText(entropy, 16);
  return {
    async checkPassword(name, password, address) {
      const checked = await identities.checkPassword(mainTenant, name, password);
      if (!checked.ok && checked.fault.code === "unauthenticated") doorkeeper.wrongPassword(address);
      return checked;
    },
    mayUseKey: (name, key) => isAuthorizedKey(house.data, name, key),
    async userNamed(name) {
      const found = await identities.userNamed(mainTenant, name);
      const refusal = found.ok ? signInRefusal(found.value, clock.wall()) : "there is no such user";
      return refusal === undefined ? found : fail("unauthenticated", refusal);
    },
    admit: (user) => doorkeeper.admit(user),
    pacer: (user, direction) => doorkeeper.pacer(user, direction),
    filesOf: async (actor, { home }) => {
      if (!home) return fail("denied", "the user has no home: no file access by this door");
      const guarded = guardObjects(objects, identities, actor, clock);
      const files = filesOf(guarded, home.bucket, home.prefix, { actor, staging, pool, clock, entropy });
      const note = `${actor.door} upload by ${principalName(actor.principal)} from ${actor.address}`;
      const bucket = (): ReturnType<typeof objects.bucket> => objects.bucket(home.bucket);
      const own = personalFiles(files, { identities, actor, clock, prefix: home.prefix, bucket });
      const place = `${home.bucket}/${home.prefix}`;
      return ok(leasedFiles(own, { leases, place, newHolder, note, clock, afterBytes: 256 << 10 }));
    },
    everybody,
    digester,
    audit,
    tally: new FileTally(metrics, "ftp"),
    log,
    clock,
    entropy,
  };
}
