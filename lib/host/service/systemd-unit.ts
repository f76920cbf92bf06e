import type { ServicePlan } from "./service-manager.ts";

/** The same for all. Left out: MemoryDenyWriteExecute kills the JIT, PrivateUsers forbids low ports. */
const hardening = `NoNewPrivileges=yes
ProtectSystem=strict
ProtectHome=yes
PrivateTmp=yes
PrivateDevices=yes
PrivateMounts=yes
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
ProtectHostname=yes
ProtectProc=invisible
ProcSubset=pid
RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX AF_NETLINK
RestrictNamespaces=yes
RestrictRealtime=yes
RestrictSUIDSGID=yes
LockPersonality=yes
RemoveIPC=yes
UMask=0077
SystemCallArchitectures=native
SystemCallFilter=@system-service
SystemCallFilter=~@privileged @resources
SystemCallErrorNumber=EPERM
LimitNOFILE=1048576
`;

/** The unit of one daemon. */
export function systemdUnit(daemon: ServicePlan): string {
  const line = daemon.command.map(unitWord).join(" ");
  const writable = daemon.writable.map((path) => `ReadWritePaths=${unitWord(path)}\n`).join("");
  const capabilities = daemon.capabilities.join(" ");
  const ambient = capabilities && `AmbientCapabilities=${capabilities}\n`;
  return `[Unit]
Description=Holdfast ${daemon.name}: ${daemon.summary}
Documentation=man:holdfast-${daemon.name}(8)
After=network-online.target
Wants=network-online.target

[Service]
Type=notify
NotifyAccess=main
User=holdfast
Group=holdfast
# These two would make the binary run foreign code.
UnsetEnvironment=BUN_OPTIONS BUN_BE_BUN
ExecStart=${line}
# A file with a mistake is refused here, and the daemon serves on.
ExecReload=${line} --check
# A shell, because a minimal system has no /bin/kill.
ExecReload=/bin/sh -c "kill -HUP $MAINPID"
WatchdogSec=30
TimeoutStopSec=20
Restart=on-failure
RestartSec=2
# 78 is EX_CONFIG: starting again would not mend the file.
RestartPreventExitStatus=78
StateDirectory=holdfast
StateDirectoryMode=0700
RuntimeDirectory=holdfast-${daemon.name}
RuntimeDirectoryMode=0700
LogsDirectory=holdfast
LogsDirectoryMode=0750
ConfigurationDirectory=holdfast
ConfigurationDirectoryMode=0750
${writable}${ambient}CapabilityBoundingSet=${capabilities}
${hardening}${daemon.differs.map((line) => `${line}\n`).join("")}
[Install]
WantedBy=multi-user.target
`;
}

/** One word of a unit's command line: systemd.service(5), "Command lines". */
const unitWord = (word: string): string => {
  const escaped = word
    .replaceAll("\\", "\\\\")
    .replaceAll('"', '\\"')
    .replaceAll("%", "%%")
    .replaceAll("$", "$$$$");
  return /[\s"';\\]/.test(word) ? `"${escaped}"` : escaped;
};

/** The service's own user. */
export const sysusers = `u holdfast - "Holdfast" /var/lib/holdfast /usr/sbin/nologin\n`;

export const tmpfiles = `d /var/lib/holdfast 0700 holdfast holdfast -
d /etc/holdfast 0750 root holdfast -
d /etc/holdfast/conf.d 0750 root holdfast -
`;
