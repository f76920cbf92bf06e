import { auditVerify } from "./audit-verify.ts";
import { backup } from "./backup.ts";
import { backupVerify } from "./backup-verify.ts";
import { bucketAdd } from "./bucket-add.ts";
import { bucketEncryption } from "./bucket-encryption.ts";
import { bucketInventory } from "./bucket-inventory.ts";
import { bucketList } from "./bucket-list.ts";
import { bucketQuota } from "./bucket-quota.ts";
import { bucketRemove } from "./bucket-remove.ts";
import { bucketReplicate } from "./bucket-replicate.ts";
import { completion } from "./completion.ts";
import { configCheck } from "./config-check.ts";
import { configSet } from "./config-set.ts";
import { configShow } from "./config-show.ts";
import { deliveryDead } from "./delivery-dead.ts";
import { deliveryList } from "./delivery-list.ts";
import { deliveryDrop, deliveryRetry } from "./delivery-retry.ts";
import { doctor } from "./doctor.ts";
import { events } from "./events.ts";
import { grantAdd } from "./grant-add.ts";
import { grantList } from "./grant-list.ts";
import { grantRemove } from "./grant-remove.ts";
import { bucketStore } from "./bucket-store.ts";
import { kmsAdd } from "./kms-add.ts";
import { kmsDisable, kmsEnable, kmsRetire, kmsRotate } from "./kms-change.ts";
import { kmsList } from "./kms-list.ts";
import { kmsRemove } from "./kms-remove.ts";
import { keyAdd } from "./key-add.ts";
import { keyList } from "./key-list.ts";
import { keyRemove } from "./key-remove.ts";
import { remoteAdd } from "./remote-add.ts";
import { remoteList } from "./remote-list.ts";
import { remoteRemove } from "./remote-remove.ts";
import { restore } from "./restore.ts";
import { s3Import } from "./s3-import.ts";
import { s3Imports } from "./s3-imports.ts";
import { upgrade } from "./upgrade.ts";
import { s3Verify } from "./s3-verify.ts";
import { siteList } from "./site-list.ts";
import { siteRemove } from "./site-remove.ts";
import { siteSet } from "./site-set.ts";
import { roleAdd } from "./role-add.ts";
import { roleList } from "./role-list.ts";
import { roleRemove } from "./role-remove.ts";
import { snapshotAdd } from "./snapshot-add.ts";
import { snapshotGet } from "./snapshot-get.ts";
import { snapshotList } from "./snapshot-list.ts";
import { snapshotRemove } from "./snapshot-remove.ts";
import { snapshotRestore } from "./snapshot-restore.ts";
import { snapshotShow } from "./snapshot-show.ts";
import { status } from "./status.ts";
import { termsList } from "./terms-list.ts";
import { termsRemove } from "./terms-remove.ts";
import { termsSet } from "./terms-set.ts";
import { timeClients } from "./time-clients.ts";
import { timeImport } from "./time-import.ts";
import { timeHistory } from "./time-history.ts";
import { timeProve } from "./time-prove.ts";
import { timeReportVerb } from "./time-report.ts";
import { timeSources, timeWhy } from "./time-sources.ts";
import { timeTemplate } from "./time-template.ts";
import { timeTracking } from "./time-tracking.ts";
import { tokenAdd } from "./token-add.ts";
import { tokenList } from "./token-list.ts";
import { tokenRemove } from "./token-remove.ts";
import { transferList } from "./transfer-list.ts";
import { userAdd } from "./user-add.ts";
import { userChange } from "./user-change.ts";
import { userList } from "./user-list.ts";
import { userPasswd } from "./user-passwd.ts";
import { userRemove } from "./user-remove.ts";
import { userTotp } from "./user-totp.ts";
import type { Verb } from "./verb.ts";
import { version } from "./version-verb.ts";
import { why } from "./why.ts";

/** `up` reads its own flags, which are also the daemons': here it is for the help and the completion. */
const up: Verb = {
  name: "up",
  does: "start all daemons of this host, and keep them running until Ctrl-C",
  args: [],
  options: [
    { name: "ports", takes: "default|auto", doc: "the usual ports, or free ones" },
    { name: "ready-file", takes: "FILE", doc: "write addresses and credentials once all is ready" },
    { name: "config", takes: "PATH", doc: "a configuration folder, or one file" },
  ],
  examples: ["up", "up --data ./data --ports auto"],
  run: () => Promise.reject(new Error("up is started by main")),
};

/** Everything `holdfast` can do, in the order in which it is told. */
export const verbs: readonly Verb[] = [
  up,
  status,
  doctor,
  events,
  why,
  userList,
  userAdd,
  userChange,
  userPasswd,
  userTotp,
  userRemove,
  keyList,
  keyAdd,
  keyRemove,
  tokenList,
  tokenAdd,
  tokenRemove,
  bucketList,
  bucketAdd,
  bucketQuota,
  bucketReplicate,
  bucketEncryption,
  bucketInventory,
  bucketStore,
  bucketRemove,
  kmsList,
  kmsAdd,
  kmsRotate,
  kmsEnable,
  kmsDisable,
  kmsRetire,
  kmsRemove,
  grantList,
  grantAdd,
  grantRemove,
  roleList,
  roleAdd,
  roleRemove,
  remoteList,
  remoteAdd,
  remoteRemove,
  termsList,
  termsSet,
  termsRemove,
  siteList,
  siteSet,
  siteRemove,
  transferList,
  deliveryList,
  deliveryDead,
  deliveryRetry,
  deliveryDrop,
  snapshotList,
  snapshotAdd,
  snapshotRemove,
  snapshotShow,
  snapshotGet,
  snapshotRestore,
  s3Verify,
  s3Import,
  s3Imports,
  timeTracking,
  timeSources,
  timeWhy,
  timeClients,
  timeHistory,
  timeReportVerb,
  timeProve,
  timeImport,
  timeTemplate,
  configShow,
  configCheck,
  configSet,
  auditVerify,
  backup,
  backupVerify,
  restore,
  upgrade,
  completion(() => verbs),
  version,
];
