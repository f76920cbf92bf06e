import type { ServicePlan } from "./service-manager.ts";

/** The property list of one daemon, for /Library/LaunchDaemons. launchd has no readiness and no watchdog. */
export function launchdPlist(daemon: ServicePlan): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key><string>dev.holdfast.${daemon.name}</string>
  <key>ProgramArguments</key><array>${daemon.command.map(element).join("")}</array>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><dict><key>SuccessfulExit</key><false/></dict>
  <key>UserName</key><string>_holdfast</string>
  <key>StandardErrorPath</key><string>/usr/local/var/log/holdfast/${daemon.name}.log</string>
</dict>
</plist>
`;
}

const element = (word: string): string => `<string>${Bun.escapeHTML(word)}</string>`;
