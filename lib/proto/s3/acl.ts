import { tag, xmlDocument, type Xml } from "../../wire/xml-text.ts";
import type { XmlElement } from "../../wire/xml.ts";
import { refuse, type Parsed } from "./error.ts";
import { namespace, ownerXml } from "./listing.ts";
import { childOf, childrenOf, malformedXml, wordIn } from "./xml-walk.ts";

/** A grant as it is written; whom it means is the gate's to say. */
export interface WrittenGrant {
  readonly id: string | undefined;
  readonly group: string | undefined;
  readonly permission: string;
}

const groupUri =
  /^http:\/\/acs\.amazonaws\.com\/groups\/(?:global|s3)\/(AllUsers|AuthenticatedUsers|LogDelivery)$/;
const permissions = ["READ", "WRITE", "READ_ACP", "WRITE_ACP", "FULL_CONTROL"];

/** Reads `<AccessControlPolicy><AccessControlList><Grant>…`: at most 100 grants. */
export function readAcl(root: XmlElement): Parsed<readonly WrittenGrant[]> {
  const list = root.name === "AccessControlPolicy" ? childOf(root, "AccessControlList") : undefined;
  if (!list) return malformedAcl();
  const grants: WrittenGrant[] = [];
  for (const element of childrenOf(list, "Grant")) {
    const grantee = childOf(element, "Grantee");
    const permission = wordIn(element, "Permission");
    if (!grantee || permission === undefined || !permissions.includes(permission)) return malformedAcl();
    const id = wordIn(grantee, "ID");
    const uri = wordIn(grantee, "URI");
    const group = uri === undefined ? undefined : groupUri.exec(uri)?.[1];
    if ((id === undefined) === (group === undefined))
      return refuse("InvalidArgument", "Invalid group uri or id");
    grants.push({ id, group, permission });
  }
  return grants.length > 100 ? malformedAcl() : { ok: true, value: grants };
}

const malformedAcl = (): ReturnType<typeof refuse> =>
  refuse(
    "MalformedACLError",
    "The XML you provided was not well-formed or did not validate against our published schema",
  );

const headerNames: readonly (readonly [string, string])[] = [
  ["x-amz-grant-read", "READ"],
  ["x-amz-grant-write", "WRITE"],
  ["x-amz-grant-read-acp", "READ_ACP"],
  ["x-amz-grant-write-acp", "WRITE_ACP"],
  ["x-amz-grant-full-control", "FULL_CONTROL"],
];

/** Reads the `x-amz-grant-…` headers: `id="…", uri="…"`. */
export function readGrantHeaders(headers: ReadonlyMap<string, string>): Parsed<readonly WrittenGrant[]> {
  const grants: WrittenGrant[] = [];
  for (const [name, permission] of headerNames) {
    for (const part of headers.get(name)?.split(",") ?? []) {
      const m = /^\s*(id|uri)\s*=\s*"?([^"]{1,256})"?\s*$/.exec(part);
      const group = m?.[1] === "uri" ? groupUri.exec(m[2]!)?.[1] : undefined;
      if (!m || (m[1] === "uri" && group === undefined)) {
        return refuse("InvalidArgument", "Argument format not recognized", { extra: { ArgumentName: name } });
      }
      grants.push({ id: m[1] === "id" ? m[2] : undefined, group, permission });
    }
  }
  return grants.length > 100 ? malformedXml() : { ok: true, value: grants };
}

export function aclXml(owner: string, grants: readonly WrittenGrant[]): string {
  return xmlDocument(
    `AccessControlPolicy ${namespace}`,
    ownerXml("Owner", { id: owner, name: owner }),
    tag("AccessControlList", grants.map(grantXml)),
  );
}

const schema = 'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"';

function grantXml({ id, group, permission }: WrittenGrant): Xml {
  const folder = group === "LogDelivery" ? "s3" : "global";
  const grantee =
    id === undefined
      ? tag(
          `Grantee ${schema} xsi:type="Group"`,
          tag("URI", `http://acs.amazonaws.com/groups/${folder}/${group ?? ""}`),
        )
      : tag(`Grantee ${schema} xsi:type="CanonicalUser"`, tag("ID", id), tag("DisplayName", id));
  return tag("Grant", grantee, tag("Permission", permission));
}
