import { access, share } from "../../proto/smb/create.ts";

interface Holder {
  readonly access: number;
  readonly share: number;
}

const pairs = [
  [access.readData | access.execute, share.read],
  [access.writeData | access.appendData, share.write],
  [access.delete, share.delete],
] as const;

/** Whether two handles stand in each other's way (MS-FSA §2.1.5.1.2.1): what one does the other must share.
 *  A handle that touches neither data nor name stands in nobody's. */
export function conflicts(one: Holder, other: Holder): boolean {
  return pairs.some(
    ([right, shared]) =>
      ((one.access & right) !== 0 && touches(other) && (other.share & shared) === 0) ||
      ((other.access & right) !== 0 && touches(one) && (one.share & shared) === 0),
  );
}

const touching = pairs.reduce((all, [right]) => all | right, 0);
const touches = (holder: Holder): boolean => (holder.access & touching) !== 0;
