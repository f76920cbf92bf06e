/** What service managers are told of each daemon: one table for systemd, launchd and the packages. */
export interface DaemonService {
  /** "s3d": the binary is holdfast-s3d, the configuration /etc/holdfast/s3d.yaml. */
  readonly name: string;
  readonly summary: string;
  /** Linux capabilities it keeps; everything else is dropped before the first instruction. */
  readonly capabilities: readonly string[];
  /** Lines of the unit's [Service] that differ from the common ones, with the reason. */
  readonly differs: readonly string[];
  /** The ports a package's service opens, for firewalls and the manual. */
  readonly ports: readonly string[];
}

export const daemons: readonly DaemonService[] = [
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
