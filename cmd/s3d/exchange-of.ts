import type { HttpExchange } from "../../lib/base/http.ts";
import { serialMaker } from "../../lib/base/ids.ts";
import { s3Exchange } from "../../lib/gate/s3/exchange.ts";
import type { Store } from "../../lib/store/open.ts";
import type { AuditTrail } from "../../lib/watch/audit.ts";
import type { Boot } from "../boot.ts";
import type { AccessLog } from "./access-log.ts";
import { auditRequests } from "./audit-requests.ts";
import { settingOf, type sections } from "./config.ts";
import { observeRequests } from "./observe.ts";
import { sessionDesk } from "./session-desk.ts";
import type { PostOffice } from "./post-office.ts";

/** The S3 gate of this house, and who is told of every answer: metrics, audit trail, access logs. */
export function exchangeOf(
  house: Pick<Boot<typeof sections>, "config" | "clock" | "log" | "entropy" | "metrics">,
  { objects, identities, roles, seal }: Pick<Store, "objects" | "identities" | "roles" | "seal">,
  audit: AuditTrail,
  office: PostOffice,
  accessLog: AccessLog,
): HttpExchange {
  const { clock, log, entropy } = house;
  const { s3 } = house.config;
  const count = observeRequests(house.metrics);
  const tell = auditRequests(audit, clock, s3.auditReads);
  return s3Exchange(
    {
      objects,
      identities,
      clock,
      log,
      sessions: sessionDesk({ roles, seal, entropy, audit, clock }),
      events: accessLog.desk(office.desk),
      requestId: serialMaker(entropy),
      observe: (what) => {
        count(what);
        tell(what);
        accessLog.tell(what);
      },
    },
    settingOf(s3),
  );
}
