import { randomText } from "../../lib/base/ids.ts";
import { parsePath } from "../../lib/base/path.ts";
import { fail, must, ok } from "../../lib/base/result.ts";
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
import { principalName, signInRefusal, type Home } from "../../lib/rules/identity.ts";
import { termsOf, type Terms } from "../../lib/rules/terms.ts";
import type { Files } from "../../lib/store/files.ts";
import { mountedFiles } from "../../lib/store/mounted-files.ts";
import type { Book } from "../../lib/store/kept-book.ts";
import type { TransferRow } from "../../lib/watch/transfer-line.ts";
import { isAuthorizedKey } from "./authorized-keys.ts";
import { checkWithCode, type AskCode } from "./password-check.ts";
import { deflatedLink } from "./deflated-link.ts";
import { digester } from "./digester.ts";
import type { Doorkeeper } from "./doorkeeper.ts";
import type { SftpNeeds } from "./serve-sftp.ts";

export interface DoorParts {
  readonly doorkeeper: Doorkeeper;
  readonly terms: Pick<Book<Terms>, "book">;
  readonly everybody: FtpNeeds["everybody"];
  readonly sites: FtpNeeds["sites"];
  /** Keeps what is told of a transfer. */
  readonly record: (row: TransferRow) => void;
}

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
  { doorkeeper, terms, everybody, sites, record }: DoorParts,
): FtpNeeds & SftpNeeds {
  const { clock, entropy, log, metrics } = house;
  const newHolder = (): string => randomText(entropy, 16);
  return {
    async checkPassword(name, password, address, askCode?: AskCode) {
      const checked = await checkWithCode(identities, name, password, askCode);
      if (!checked.ok && checked.fault.code === "unauthenticated") doorkeeper.wrongPassword(address);
      return checked;
    },
    mayUseKey: (name, key) => isAuthorizedKey(house.data, name, key),
    async userNamed(name) {
      const found = await identities.userNamed(mainTenant, name);
      const refusal = found.ok ? signInRefusal(found.value, clock.wall()) : "there is no such user";
      return refusal === undefined ? found : fail("unauthenticated", refusal);
    },
    admit: (user, address) => doorkeeper.admit(user, address),
    pacer: (user, direction) => doorkeeper.pacer(user, direction),
    filesOf: async (actor, user) => {
      if (!user.home) return fail("denied", "the user has no home: no file access by this door");
      const guarded = guardObjects(objects, identities, actor, clock);
      const note = `${actor.door} upload by ${principalName(actor.principal)} from ${actor.address}`;
      const viewOf = ({ bucket: name, prefix }: Home): Files => {
        const files = filesOf(guarded, name, prefix, { actor, staging, pool, clock, entropy });
        const bucket = (): ReturnType<typeof objects.bucket> => objects.bucket(name);
        const own = personalFiles(files, { identities, actor, clock, prefix, bucket });
        const place = `${name}/${prefix}`;
        return leasedFiles(own, { leases, place, newHolder, note, clock, afterBytes: 256 << 10 });
      };
      const { folders = [] } = termsOf(terms.book(), user);
      const mounts = folders.map((folder) => ({ at: must(parsePath(folder.at)), files: viewOf(folder) }));
      const home = viewOf(user.home);
      return ok(mounts.length > 0 ? mountedFiles(home, mounts) : home);
    },
    transferred(user, row) {
      doorkeeper.moved(user, row.way, row.bytes);
      record(row);
    },
    everybody,
    sites,
    deflated: deflatedLink,
    digester,
    audit,
    tally: new FileTally(metrics, "ftp"),
    log,
    clock,
    entropy,
  };
}
