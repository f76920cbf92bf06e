import type { PackageLayout } from "./layout.ts";

/** What a package manager runs around a package, in POSIX shell, beside what it does for the service. */
export interface HouseKeeping {
  /** After the files are there. */
  readonly installed: string;
  /** The configuration that belongs to root, and that the daemons may read. */
  readonly configuration: string;
}

/** The user and the directories come with the common package; every package owns one configuration file. */
export function housekeeping({ service }: PackageLayout): HouseKeeping {
  const name = service?.replace("holdfast-", "").replace(".service", "") ?? "holdfast";
  const configuration = `/etc/holdfast/${name}.yaml`;
  const readable = `chgrp holdfast ${configuration}\n`;
  return { installed: service === undefined ? `${userAndFolders}${readable}` : readable, configuration };
}

const userAndFolders = `if command -v systemd-sysusers >/dev/null; then
  systemd-sysusers holdfast.conf
elif ! getent passwd holdfast >/dev/null; then
  useradd --system --user-group --home-dir /var/lib/holdfast --no-create-home \\
    --shell /usr/sbin/nologin holdfast
fi
install -d -o root -g holdfast -m 0750 /etc/holdfast /etc/holdfast/conf.d
install -d -o holdfast -g holdfast -m 0700 /var/lib/holdfast
install -d -o holdfast -g holdfast -m 0750 /var/log/holdfast
`;

/** On a system that systemd booted; not in a container's or an installer's root. */
export const onSystemd = "[ -d /run/systemd/system ]";
