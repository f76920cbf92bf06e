/** The house's daemons: what each is, which sections of the configuration are its own, and where its admin
 *  API listens when nobody says otherwise. */
export interface DaemonFacts {
  /** What it does, for a help text. */
  readonly does: string;
  readonly sections: readonly string[];
  readonly adminPort: number;
  /** What it does beside serving: `holdfast-ftpd scan`. */
  readonly verbs?: readonly { readonly name: string; readonly doc: string }[];
}

export const daemons = {
  s3d: { does: "object store with the S3 interface", sections: ["s3", "notify", "upkeep"], adminPort: 9443 },
  ftpd: {
    does: "file transfer: FTP, FTPS, SFTP, SCP",
    sections: ["ftp", "ftps", "sftp", "guard", "transfers", "upkeep"],
    adminPort: 9444,
    verbs: [{ name: "scan", doc: "tell which settings are unsafe or will not work, and the mend" }],
  },
  smbd: { does: "Windows shares: SMB 2 and 3", sections: ["smb", "upkeep"], adminPort: 9445 },
  utcd: {
    does: "time: NTP, NTS, TIME, Daytime, Roughtime, PTP",
    sections: ["ntp", "nts", "time", "daytime", "roughtime", "ptp", "clock", "httpTime", "evidence"],
    adminPort: 9446,
  },
} as const satisfies Readonly<Record<string, DaemonFacts>>;

export type Daemon = keyof typeof daemons;

/** In the order in which they are started and shown. */
export const daemonNames = Object.keys(daemons) as readonly Daemon[];

/** The binary's name. */
export const binaryOf = (daemon: Daemon): string => `holdfast-${daemon}`;
