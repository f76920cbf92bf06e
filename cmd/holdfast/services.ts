import { endpointText, type Endpoint } from "../../lib/base/endpoint.ts";
import type { Credentials } from "../credentials.ts";
import { daemonNames } from "../daemons.ts";
import type { Addresses } from "../readiness.ts";

/** The house as a client meets it: what `--ready-file` holds and the welcome is made of. A service that does
 *  not run is absent. */
export interface Services {
  readonly console?: { readonly url: string; readonly token: string };
  readonly s3?: {
    readonly endpoint: string;
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
  readonly ftp?: FileDoor;
  readonly ftps?: FileDoor;
  readonly sftp?: FileDoor;
  readonly smb?: FileDoor;
  readonly time?: TimeService;
}

export interface FileDoor {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
}

export interface TimeService {
  readonly host: string;
  readonly ntp?: number;
  readonly time?: number;
  readonly daytime?: number;
  readonly ntske?: number;
  readonly roughtime?: number;
}

/** The region an S3 client is told; the house has one. */
export const region = "us-east-1";

/** Puts together what the daemons said when they were ready. */
export function servicesOf(said: ReadonlyMap<string, Addresses>, credentials: Credentials): Services {
  const all: Record<string, Endpoint> = {};
  for (const addresses of said.values()) Object.assign(all, addresses);
  const { user, password, accessKeyId, secretAccessKey, token } = credentials;
  const door = (name: string): FileDoor | undefined =>
    all[name] && { ...reachable(all[name]), user, password };
  const admin = daemonNames.map((name) => said.get(name)?.["admin"]).find((at) => at !== undefined);
  const s3 = all["s3"] && {
    endpoint: `http://${endpointText(reachable(all["s3"]))}`,
    region,
    accessKeyId,
    secretAccessKey,
  };
  const services = {
    console: admin && { url: `https://${endpointText(reachable(admin))}`, token },
    s3,
    ftp: door("ftp"),
    ftps: door("ftps"),
    sftp: door("sftp"),
    smb: door("smb"),
    time: timeOf(all),
  };
  return Object.fromEntries(Object.entries(services).filter(([, service]) => service !== undefined));
}

const timeNames = ["ntp", "time", "daytime", "ntske", "roughtime"] as const;

function timeOf(all: Readonly<Record<string, Endpoint>>): TimeService | undefined {
  const known = timeNames.flatMap((name) => (all[name] ? [[name, all[name].port] as const] : []));
  const first = timeNames.map((name) => all[name]).find((at) => at !== undefined);
  return first && { host: reachable(first).host, ...Object.fromEntries(known) };
}

/** What listens on every address is reached over loopback. */
function reachable(at: Endpoint): Endpoint {
  return at.host === "::" || at.host === "0.0.0.0" ? { host: "127.0.0.1", port: at.port } : at;
}
