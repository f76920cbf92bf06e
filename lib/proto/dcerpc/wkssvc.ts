import { readNdrText, readNdrU32 } from "./ndr.ts";
import { version, werror, type Operation, type Service } from "./service.ts";

/** MS-WKST §3.2.4.1: server name, level. */
const getInfo: Operation = (r, out, host) => {
  readNdrText(r);
  const level = readNdrU32(r);
  out.u32(level);
  const write = (): void => {
    out.u32(version.platform);
    out.text(host.netbios);
    out.text("WORKGROUP");
    out.u32(version.major);
    out.u32(version.minor);
  };
  out.pointer(level === 100 ? write : undefined);
  out.settle();
  out.u32(level === 100 ? werror.ok : werror.invalidLevel);
};

export const wkssvc: Service = {
  pipe: "wkssvc",
  interface: { uuid: "98d0ff6b12a11036983346c3f87e345a", version: 1 },
  operations: new Map<number, Operation>([[0, getInfo]]),
};
