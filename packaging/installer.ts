import { mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { daemonServices, type DaemonService } from "../cmd/daemon-services.ts";
import { serviceFlags } from "../lib/host/service/service-manager.ts";
import type { BuildFacts } from "./facts.ts";
import { tool } from "./tool.ts";

/** What Windows knows the product by, from one version to the next. It must never change. */
const upgradeCode = "7C0B2C1E-6E0D-4C8A-9A55-0F2E5D3B6A10";

/** holdfast-VERSION-x64.msi: executables into Program Files, each daemon a service that starts by itself, a
 *  configuration of the operator's own that repair and removal leave alone, the folder on the PATH.
 *  Needs wixl and msibuild. */
export async function makeInstaller(
  from: string,
  built: readonly string[],
  facts: BuildFacts,
  out: string,
): Promise<string> {
  const work = join(out, ".msi");
  await rm(work, { recursive: true, force: true });
  await mkdir(work, { recursive: true });
  const daemons = daemonServices.filter(({ name }) => built.includes(`holdfast-${name}`));
  const source = join(work, "holdfast.wxs");
  await writeFile(source, productOf(daemons, facts));
  // wixl takes no absolute path.
  for (const name of built) await symlink(join(from, `${name}.exe`), join(work, `${name}.exe`));
  const settings = "# What every Holdfast daemon of this host reads first.\r\n";
  await writeFile(join(work, "holdfast.yaml"), settings);
  const file = join(out, `holdfast-${facts.version}-x64.msi`);
  await tool(["wixl", "-a", "x64", "-o", file, source], facts, { cwd: work });
  await addPath(file, work, facts);
  await rm(work, { recursive: true });
  return file;
}

function productOf(daemons: readonly DaemonService[], facts: BuildFacts): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<Wix xmlns="http://schemas.microsoft.com/wix/2006/wi">
  <Product Id="*" Name="Holdfast" Version="${facts.version}" Manufacturer="Holdfast Authors"
      Language="1033" UpgradeCode="${upgradeCode}">
    <Package InstallerVersion="500" Compressed="yes" InstallScope="perMachine"
      Description="One host's files through S3, FTP, SFTP and SMB, and its time"/>
    <MajorUpgrade DowngradeErrorMessage="A newer Holdfast is installed."/>
    <Media Id="1" Cabinet="holdfast.cab" EmbedCab="yes"/>
    <Directory Id="TARGETDIR" Name="SourceDir">
      <Directory Id="ProgramFiles64Folder">
        <Directory Id="INSTALLDIR" Name="Holdfast">
          <Component Id="Main" Guid="${guidOf("holdfast.exe")}" Win64="yes">
            <File Id="Main" Name="holdfast.exe" Source="holdfast.exe" KeyPath="yes"/>
          </Component>
${daemons.map(serviceComponent).join("\n")}
        </Directory>
      </Directory>
      <Directory Id="CommonAppDataFolder">
        <Directory Id="DATA" Name="Holdfast">
          <Directory Id="CONFIG" Name="config">
            <Component Id="Conf" Guid="${guidOf("holdfast.yaml")}" Win64="yes">
              <File Id="Conf" Name="holdfast.yaml" Source="holdfast.yaml" KeyPath="yes"/>
            </Component>
          </Directory>
        </Directory>
      </Directory>
    </Directory>
    <Feature Id="House" Title="Holdfast" Level="1">
      <ComponentRef Id="Main"/>
      <ComponentRef Id="Conf"/>
${daemons.map(({ name }) => `      <ComponentRef Id="${name}"/>`).join("\n")}
    </Feature>
  </Product>
</Wix>
`;
}

/** Said outright, because a service's environment is not always the operator's. The full stop keeps the
 *  quote from the folder's last backslash. */
const folders = `--data "[DATA]data" --config "[CONFIG]."`;
const serviceArguments = `service run ${serviceFlags.join(" ")} ${folders}`;

/** The same words for the service manager as `service install` has. */
function serviceComponent({ name, summary }: DaemonService): string {
  const program = `holdfast-${name}.exe`;
  return `          <Component Id="${name}" Guid="${guidOf(program)}" Win64="yes">
            <File Id="${name}" Name="${program}" Source="${program}" KeyPath="yes"/>
            <ServiceInstall Id="${name}" Name="holdfast-${name}" DisplayName="Holdfast ${name}"
              Description="${escaped(summary)}" Type="ownProcess" Start="auto" ErrorControl="normal"
              Account="NT AUTHORITY\\LocalService" Arguments="${escaped(serviceArguments)}"/>
            <ServiceControl Id="${name}" Name="holdfast-${name}" Start="install" Stop="both"
              Remove="uninstall" Wait="yes"/>
          </Component>`;
}

/** wixl cannot say these: the PATH, and that a configuration is never overwritten nor removed (256 for x64,
 *  128 never overwrite, 16 permanent). Without its two actions the Environment table does nothing. */
async function addPath(file: string, work: string, facts: BuildFacts): Promise<void> {
  const table = join(work, "Environment.idt");
  const rows = [
    ["Environment", "Name", "Value", "Component_"],
    ["s72", "l255", "L255", "s72"],
    ["Environment", "Environment"],
    ["PATH", "*=-PATH", "[~];[INSTALLDIR]", "Main"],
  ];
  await writeFile(table, rows.map((row) => `${row.join("\t")}\r\n`).join(""));
  await tool(["msibuild", file, "-i", table], facts);
  const actions = { WriteEnvironmentStrings: 5200, RemoveEnvironmentStrings: 3300 };
  for (const [action, at] of Object.entries(actions)) {
    const row = `(\`Action\`,\`Sequence\`) VALUES ('${action}',${at})`;
    await tool(["msibuild", file, "-q", `INSERT INTO \`InstallExecuteSequence\` ${row}`], facts);
  }
  const kept = "UPDATE `Component` SET `Attributes`=400 WHERE `Component`='Conf'";
  await tool(["msibuild", file, "-q", kept], facts);
}

/** A component keeps its number as long as it keeps its name. */
function guidOf(name: string): string {
  const hex = new Bun.CryptoHasher("sha256").update(`${upgradeCode} ${name}`).digest("hex").toUpperCase();
  const parts = [hex.slice(0, 8), hex.slice(8, 12), `8${hex.slice(13, 16)}`, `A${hex.slice(17, 20)}`];
  return [...parts, hex.slice(20, 32)].join("-");
}

const escaped = (text: string): string => Bun.escapeHTML(text);
