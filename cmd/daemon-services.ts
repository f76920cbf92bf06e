import type { ServicePlan } from "../lib/host/service/service-manager.ts";
import type { Daemon } from "./daemons.ts";

/** What service managers are told of each daemon: one table for systemd, launchd and the packages. */
export interface DaemonService extends Omit<ServicePlan, "name" | "command" | "writable"> {
  readonly name: Daemon;
  /** The ports a package's service opens, for firewalls and the manual. */
  readonly ports: readonly string[];
}

export const daemonServices: readonly DaemonService[] = [
  {
    name: "s3d",
    summary: "S3 object store",
    capabilities: [],
    differs: [],
    ports: ["9000/tcp"],
  },
  {
    name: "ftpd",
    summary: "FTP, FTPS and SFTP file transfer",
    capabilities: ["CAP_NET_BIND_SERVICE"],
    differs: [],
    ports: ["21/tcp", "990/tcp", "2022/tcp"],
  },
  {
    name: "smbd",
    summary: "SMB3 gateway",
    capabilities: ["CAP_NET_BIND_SERVICE"],
    differs: [],
    ports: ["445/tcp"],
  },
  {
    name: "utcd",
    summary: "UTC time: NTP, NTS, TIME, Daytime",
    capabilities: ["CAP_NET_BIND_SERVICE", "CAP_SYS_TIME"],
    differs: ["# It reads and steers the clock.", "ProtectClock=no", "SystemCallFilter=@clock"],
    ports: ["123/udp", "4460/tcp", "37/tcp", "13/tcp"],
  },
];
