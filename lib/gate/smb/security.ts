import { access, allAccess } from "../../proto/smb/create.ts";
import {
  aceFlag,
  descriptorBytes,
  securityPart,
  wellKnown,
  type Ace,
} from "../../proto/smb/security-descriptor.ts";

const reading =
  access.readData |
  access.readEa |
  access.execute |
  access.readAttributes |
  access.readControl |
  access.synchronize;

/** What a file's security looks like from outside. Who may do what is decided by the house's own rules, for
 *  the user who is signed in; towards the client everything those rules let through is open. */
export function everyoneDescriptor(parts: number, readOnly: boolean): Uint8Array {
  const asks = (part: number): boolean => (parts & part) !== 0;
  const entry: Ace = {
    type: 0,
    flags: aceFlag.objectInherit | aceFlag.containerInherit,
    mask: readOnly ? reading : allAccess,
    sid: wellKnown.everyone,
  };
  return descriptorBytes({
    owner: asks(securityPart.owner) ? wellKnown.administrators : undefined,
    group: asks(securityPart.group) ? wellKnown.administrators : undefined,
    dacl: asks(securityPart.dacl) ? [entry] : undefined,
  });
}
