import { endpointText } from "../../lib/base/endpoint.ts";
import type { Services } from "./services.ts";

export interface Welcome {
  readonly version: string;
  readonly data: string;
  /** The file that keeps the credentials. */
  readonly kept: string;
  readonly user: string;
  readonly password: string;
  readonly services: Services;
  /** What could not be started, with the reason's first line. */
  readonly missing: readonly { readonly daemon: string; readonly why: string }[];
  /** Whether the reader is the journal, which is no place for secrets. */
  readonly hideSecrets: boolean;
}

/** How the words look: with colours on a terminal, as they are elsewhere. */
export interface Paint {
  readonly strong: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly warn: (text: string) => string;
}

const escape = "\u001b[";
export const colours: Paint = {
  strong: (text) => `${escape}1m${text}${escape}0m`,
  dim: (text) => `${escape}2m${text}${escape}0m`,
  warn: (text) => `${escape}33m${text}${escape}0m`,
};
export const plain: Paint = { strong: (text) => text, dim: (text) => text, warn: (text) => text };

/** What an operator reads when the house is up: where everything is, who they are, and what to try. */
export function welcomeText(about: Welcome, paint: Paint): string {
  const { strong, dim, warn } = paint;
  const row = (name: string, value: string, note = ""): string =>
    `  ${name.padEnd(15)}${note ? `${strong(value.padEnd(24))}  ${dim(note)}` : strong(value)}`;
  const missing = about.missing.map(({ daemon, why }) => warn(`  ${daemon} does not run: ${why}`));
  return [
    "",
    `${strong(`Holdfast ${about.version} is up.`)} ${dim(`Everything is kept in ${about.data}`)}`,
    "",
    ...addressRows(about.services, row),
    ...missing,
    "",
    ...credentialRows(about, row),
    "",
    "Try it:",
    "",
    ...tryLines(about).map((line) => (line === "" ? "" : `  ${line}`)),
    "",
    dim("Ctrl-C stops it all; the next start finds everything as it was."),
    "",
    "",
  ].join("\n");
}

type Row = (name: string, value: string, note?: string) => string;

function addressRows({ s3, ftp, ftps, sftp, smb, time, console }: Services, row: Row): string[] {
  const rows: (string | undefined)[] = [
    s3 && row("S3", s3.endpoint, `region ${s3.region}`),
    ftp && row("FTP", `ftp://${ftp.host}:${ftp.port}`, "plain, or TLS by AUTH TLS"),
    ftps && row("FTPS", `ftps://${ftps.host}:${ftps.port}`, "TLS from the first byte"),
    sftp && row("SFTP", `sftp://${sftp.host}:${sftp.port}`),
    smb && row("SMB", `smb://${smb.host}:${smb.port}`),
    time &&
      row("Time", `ntp://${endpointText({ host: time.host, port: time.ntp ?? 123 })}`, otherClocks(time)),
    console && row("Console", console.url, "certificate by the house's own CA"),
  ];
  return rows.filter((line) => line !== undefined);
}

function otherClocks(time: NonNullable<Services["time"]>): string {
  const names = { ntske: "NTS", time: "TIME", daytime: "Daytime", roughtime: "Roughtime" } as const;
  return Object.entries(names)
    .flatMap(([key, name]) => {
      const port = time[key as keyof typeof names];
      return port === undefined ? [] : [`${name} ${port}`];
    })
    .join(", ");
}

function credentialRows({ services, user, password, kept, hideSecrets }: Welcome, row: Row): string[] {
  const note = `  They are kept in ${kept}, for you alone: note them, and remove the file.`;
  if (password === "") return [row("Administrator", user, "set a new password: holdfast user passwd admin")];
  if (hideSecrets) return [row("Administrator", user, `the password is in ${kept}`)];
  if (password === "") return [row("Administrator", user, "with the password that was noted")];
  const keys = services.s3;
  return [
    row("Administrator", user),
    row("Password", password),
    ...(keys ? [row("Access key", keys.accessKeyId), row("Secret key", keys.secretAccessKey)] : []),
    note,
  ];
}

/** Commands that work as they stand, each in lines that fit a terminal. */
function tryLines({ services, user, password, hideSecrets }: Welcome): string[] {
  const { s3, ftp, time } = services;
  const shown = (secret: string, name: string): string => (hideSecrets ? `"$${name}"` : secret);
  const lines: string[] = [];
  if (s3) {
    const { endpoint, region, accessKeyId } = s3;
    const secret = shown(s3.secretAccessKey, "SECRET");
    lines.push(
      `curl --aws-sigv4 aws:amz:${region}:s3 -H 'x-amz-content-sha256: UNSIGNED-PAYLOAD' \\`,
      `     --user ${accessKeyId}:${secret} \\`,
      `     -T /etc/hostname ${endpoint}/home/hello.txt`,
      "",
      `AWS_DEFAULT_REGION=${region} AWS_ACCESS_KEY_ID=${accessKeyId} \\`,
      `     AWS_SECRET_ACCESS_KEY=${secret} \\`,
      `     aws --endpoint-url ${endpoint} s3 ls s3://home`,
      "",
    );
  }
  if (ftp) {
    const who = `-u ${user},${shown(password, "PASSWORD")} -p ${ftp.port}`;
    lines.push(
      `lftp ${who} \\`,
      `     -e 'set ssl:verify-certificate no; ls; cat hello.txt; bye' ${ftp.host}`,
      "",
    );
  }
  if (time?.ntp) lines.push(`chronyd -Q -t 5 'server ${time.host} port ${time.ntp} iburst'`, "");
  return lines.slice(0, -1);
}
