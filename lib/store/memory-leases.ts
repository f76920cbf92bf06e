import { compareUtf8 } from "../base/bytes.ts";
import { fail, ok } from "../base/result.ts";
import { asUnixMs, type Clock } from "../base/time.ts";
import type { Lease, LeaseMode, LeaseRight, Leases } from "./leases.ts";

/** Leases in memory: for tests, and for a process that is alone. */
export function memoryLeases(clock: Clock): Leases {
  const all = new Map<string, Lease>();
  const idOf = (name: string, holder: string): string => JSON.stringify([name, holder]);
  const living = (): Lease[] => [...all.values()].filter(({ expiresAt }) => expiresAt > clock.wall());
  const until = (ttlMs: number): Lease["expiresAt"] =>
    asUnixMs(clock.wall() + Math.min(3_600_000, Math.max(1_000, ttlMs)));
  return {
    async acquire({ name, holder, mode, note, ttlMs }) {
      const others = living().filter((lease) => lease.name === name && lease.holder !== holder);
      const other = others.find((lease) => collide(lease.mode, mode));
      if (other) return fail("busy", "somebody else has it open", { where: other.note });
      const lease = { name, holder, mode, note, expiresAt: until(ttlMs) };
      all.set(idOf(name, holder), lease);
      return ok(lease);
    },
    async renew(name, holder, ttlMs) {
      const lease = living().find((one) => one.name === name && one.holder === holder);
      if (!lease) return fail("not-found", "the lease has run out", { where: name });
      const renewed = { ...lease, expiresAt: until(ttlMs) };
      all.set(idOf(name, holder), renewed);
      return ok(renewed);
    },
    async release(name, holder) {
      all.delete(idOf(name, holder));
      return ok();
    },
    holders: async (name) => living().filter((lease) => lease.name === name),
    under: async (prefix, limit) =>
      living()
        .filter(({ name }) => name.startsWith(prefix))
        .sort((a, b) => compareUtf8(a.name, b.name))
        .slice(0, limit),
  };
}

/** Each must let the other do what it does (MS-SMB2 §3.3.5.9). */
function collide(a: LeaseMode, b: LeaseMode): boolean {
  const lets = (one: LeaseMode, right: LeaseRight): boolean => one.shares.includes(right);
  return b.access.some((right) => !lets(a, right)) || a.access.some((right) => !lets(b, right));
}
