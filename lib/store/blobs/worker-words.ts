import type { Fault } from "../../base/fault.ts";
import type { DigestName } from "../content.ts";
import type { Shaping } from "./body-form.ts";
import type { Sunk } from "./sink.ts";

/** What is said to a blob worker. `id` is one flow. Buffers are transferred, and come back. */
export type ToWorker =
  | {
      readonly do: "open";
      readonly id: number;
      readonly path: string;
      readonly names: readonly DigestName[];
      readonly shaping: Shaping | undefined;
    }
  | { readonly do: "write"; readonly id: number; readonly buffer: ArrayBuffer; readonly size: number }
  | { readonly do: "finish"; readonly id: number }
  | { readonly do: "publish"; readonly id: number; readonly path: string }
  | { readonly do: "abandon"; readonly id: number }
  | { readonly do: "forget"; readonly id: number };

/** What it answers, in the order of the words. */
export type FromWorker =
  | { readonly did: "open"; readonly id: number }
  | { readonly did: "write"; readonly id: number; readonly size: number; readonly buffer: ArrayBuffer }
  | ({ readonly did: "finish"; readonly id: number } & Sunk)
  | { readonly did: "publish"; readonly id: number }
  | { readonly did: "abandon"; readonly id: number }
  | { readonly did: "fail"; readonly id: number; readonly fault: Fault };
