import type { PackageLayout } from "./layout.ts";

/** What a package manager runs around a package, in POSIX shell. DEB and RPM tell a first install and a last
 *  removal from an upgrade each in its own way, so that test is handed in. */
export interface Scripts {
  readonly installed: (first: string) => string;
  readonly removing: (last: string) => string;
  readonly removed: () => string;
}

const hasSystemd = "[ -d /run/systemd/system ]";

export function scriptsOf(layout: PackageLayout): Scripts {
  return layout.service === undefined ? commonScripts : serviceScripts(layout.service);
}

const commonScripts: Scripts = {
  installed: () => `if command -v systemd-sysusers >/dev/null; then
  systemd-sysusers holdfast.conf
elif ! getent passwd holdfast >/dev/null; then
  useradd --system --user-group --home-dir /var/lib/holdfast --no-create-home \\
    --shell /usr/sbin/nologin holdfast
fi
install -d -o root -g holdfast -m 0750 /etc/holdfast /etc/holdfast/conf.d
install -d -o holdfast -g holdfast -m 0700 /var/lib/holdfast
install -d -o holdfast -g holdfast -m 0750 /var/log/holdfast
chgrp holdfast /etc/holdfast/holdfast.yaml
`,
  removing: () => "",
  removed: () => "",
};

function serviceScripts(unit: string): Scripts {
  const configuration = unit.replace("holdfast-", "").replace(".service", ".yaml");
  return {
    installed: (first) => `chgrp holdfast /etc/holdfast/${configuration}
if ${hasSystemd}; then
  systemctl daemon-reload
  if ${first}; then systemctl enable --now ${unit}; else systemctl try-restart ${unit}; fi
fi
`,
    removing: (last) => `if ${last} && ${hasSystemd}; then systemctl disable --now ${unit}; fi\n`,
    removed: () => `if ${hasSystemd}; then systemctl daemon-reload; fi\n`,
  };
}
