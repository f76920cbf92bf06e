import { fail, ok, type Result } from "../../lib/base/result.ts";

/** One entry of clock.servers. */
export interface ServerLine {
  /** Name or address. */
  readonly host: string;
  readonly port: number;
  readonly nts: boolean;
  readonly ntsPort: number;
  /** Number of a symmetric key; 0: none. */
  readonly key: number;
  readonly prefer: boolean;
  /** Ask up to four of the name's addresses. */
  readonly pool: boolean;
  /** Ask for the interleaved mode. */
  readonly xleave: boolean;
}

const words = "nts, ntsport N, port N, key N, prefer, pool, xleave";

/** Reads "time.example.org nts prefer" as chrony's users write it. Faults: invalid. */
export function parseServerLine(line: string): Result<ServerLine> {
  const [host, ...rest] = line.split(/\s+/).filter(Boolean);
  if (host === undefined || !/^[A-Za-z0-9._:-]{1,255}$/.test(host)) {
    return fail("invalid", "a server is a name or address", { where: line, mend: `then any of: ${words}` });
  }
  const numbers = { port: 123, ntsport: 4460, key: 0 };
  const flags = { nts: false, prefer: false, pool: false, xleave: false };
  for (let i = 0; i < rest.length; i++) {
    const word = rest[i]!;
    if (Object.hasOwn(flags, word)) flags[word as keyof typeof flags] = true;
    else if (Object.hasOwn(numbers, word) && /^\d{1,10}$/.test(rest[i + 1] ?? "")) {
      numbers[word as keyof typeof numbers] = Number(rest[++i]);
    } else {
      return fail("invalid", `"${word}" is not known of a server`, { where: line, mend: `known: ${words}` });
    }
  }
  if (numbers.port > 65_535 || numbers.ntsport > 65_535) {
    return fail("invalid", "a port is at most 65535", { where: line });
  }
  if (flags.nts && numbers.key > 0) {
    return fail("invalid", "nts and key exclude each other", { where: line });
  }
  const { port, ntsport: ntsPort, key } = numbers;
  return ok({ host, port, ntsPort, key, ...flags });
}
