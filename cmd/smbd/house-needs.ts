import { fail, ok } from "../../lib/base/result.ts";
import type { People, Share, SmbNeeds } from "../../lib/gate/smb/needs.ts";
import type { Actor, Principal, User } from "../../lib/rules/identity.ts";
import { filesOf } from "../../lib/store/bucket-files.ts";
import { guardObjects } from "../../lib/store/guard.ts";
import type { Page } from "../../lib/store/content.ts";
import type { Files } from "../../lib/store/files.ts";
import type { Objects } from "../../lib/store/objects.ts";
import type { Store } from "../../lib/store/open.ts";
import type { AuditTrail } from "../../lib/watch/audit.ts";
import type { Boot } from "../boot.ts";
import { mainTenant } from "../first-run.ts";
import { pastOf } from "./past-files.ts";
import type { SmbdConfig } from "./config.ts";

const homeShare = "home";

/** Names that a client can look up. */
const mostPeople = 10_000;

/** What SMB needs, from the house's store. */
export function houseNeeds(
  house: Pick<Boot<readonly []>, "clock" | "entropy" | "log">,
  {
    objects,
    identities,
    staging,
    pool,
    timeTravel,
  }: Pick<Store, "objects" | "identities" | "staging" | "pool" | "timeTravel">,
  audit: AuditTrail,
  config: SmbdConfig["smb"],
): SmbNeeds {
  const { clock, entropy, log } = house;
  const actorOf = (principal: Principal, address: string): Actor => ({
    principal,
    door: "smb",
    address,
    request: "",
  });
  return {
    clock,
    entropy,
    log,
    later: (ms, run) => {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    ntHash: (name) => identities.ntHash(mainTenant, name),
    shares: async (user) => sharesFor(user, config),
    async files(user, share, address) {
      const actor = actorOf({ kind: "user", user }, address);
      const place = share.name === homeShare ? user.home : { bucket: share.name, prefix: "" };
      if (!place) return fail("denied", "the user has no home: no file access by this door");
      const guarded = guardObjects(objects, identities, actor, clock);
      const bucket = await guarded.bucket(place.bucket);
      if (!bucket.ok) return bucket;
      const needs = { actor, staging, pool, clock, entropy };
      const { bucket: name, prefix } = place;
      const view = (of: Objects): Files =>
        filesOf(guardObjects(of, identities, actor, clock), name, prefix, needs);
      const shelfView = (of: Objects): Files => filesOf(of, name, "", needs);
      const shelf = {
        files: shelfView(objects),
        place: `${place.bucket} shelf`,
        root: place.prefix.split("/").filter((name) => name !== ""),
      };
      const past = pastOf({ objects, guarded, timeTravel, place, files: view, shelf: shelfView });
      return ok({ files: view(objects), place: `${name}/${prefix}`, shelf, past });
    },
    people: ({ tenant }) => peopleOf(identities, tenant),
    told({ user, address, outcome }) {
      const actor = actorOf({ kind: "anonymous" }, address);
      audit.tell({ at: clock.wall(), actor, verb: "sign-in", target: user, outcome, detail: {} });
    },
  };
}

async function peopleOf(identities: Store["identities"], tenant: string): Promise<People> {
  const users: User[] = [];
  for (let after: string | undefined = ""; after !== undefined && users.length < mostPeople;) {
    const page: Page<User> = await identities.users(tenant, after, 1000);
    users.push(...page.rows);
    after = page.next;
  }
  return { users, groups: [...new Set(users.flatMap(({ groups }) => groups))] };
}

function sharesFor(user: User, config: SmbdConfig["smb"]): Share[] {
  const share = (name: string, comment: string): Share => ({
    name,
    comment,
    readOnly: config.readOnly,
    hidden: false,
    encrypt: false,
  });
  const home = config.home && user.home ? [share(homeShare, `Files of ${user.name}`)] : [];
  const buckets = config.buckets.filter((name) => name !== homeShare || home.length === 0);
  return [...home, ...buckets.map((name) => share(name, `Bucket ${name}`))];
}
