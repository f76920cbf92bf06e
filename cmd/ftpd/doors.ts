import type { Result } from "../../lib/base/result.ts";
import type { FileTally } from "../../lib/gate/file-tally.ts";
import type { FtpNeeds } from "../../lib/gate/ftp/needs.ts";
import type { FtpSessionBook } from "../../lib/gate/ftp/session-book.ts";
import type { TcpListener } from "../../lib/host/tcp.ts";
import type { TlsKeeper } from "../../lib/host/tls.ts";
import type { FtpdConfig } from "./config.ts";
import type { Doorkeeper } from "./doorkeeper.ts";
import { serveFtp } from "./serve-ftp.ts";
import { serveSftp, type SftpNeeds } from "./serve-sftp.ts";
import type { SiteBook } from "./site-book.ts";
import type { SftpSessionBook } from "./sftp-guest.ts";

/** A door that is not open yet. */
export interface Door {
  readonly name: "ftp" | "ftps" | "sftp";
  open(): Promise<Result<TcpListener>>;
}

export interface DoorParts {
  readonly needs: FtpNeeds & SftpNeeds;
  readonly sftpTally: FileTally;
  readonly doorkeeper: Doorkeeper;
  readonly keeper: TlsKeeper;
  readonly sites: SiteBook;
  readonly ftpSessions: FtpSessionBook;
  readonly sftpSessions: SftpSessionBook;
}

/** The doors that the configuration wants. */
export function doorsOf(
  { config, data }: { readonly config: FtpdConfig; readonly data: string },
  parts: DoorParts,
): Door[] {
  const { needs, keeper, doorkeeper } = parts;
  const { ftp, ftps, sftp } = config;
  const refuses = (address: string): string | undefined => doorkeeper.refusal(address);
  const isProxy = (address: string): boolean => doorkeeper.isProxy(address);
  const service = {
    needs,
    config: ftp,
    keeper,
    sites: parts.sites,
    sessions: parts.ftpSessions,
    refuses,
    isProxy,
  };
  const ssh = {
    data,
    needs: { ...needs, tally: parts.sftpTally },
    sessions: parts.sftpSessions,
    refuses,
    isProxy,
    partialUploads: sftp.partialUploads,
    loginMs: sftp.loginTimeout,
    limits: { total: sftp.connections, perAddress: sftp.connectionsPerAddress },
  };
  const doors: (Door & { readonly enabled: boolean })[] = [
    { name: "ftp", enabled: ftp.enabled, open: () => serveFtp(ftp.listen, false, service) },
    { name: "ftps", enabled: ftps.enabled, open: () => serveFtp(ftps.listen, true, service) },
    { name: "sftp", enabled: sftp.enabled, open: () => serveSftp(sftp.listen, ssh) },
  ];
  return doors.filter(({ enabled }) => enabled);
}
