import { describe } from "bun:test";
import { bucketChecks } from "./objects-buckets.conformance.ts";
import { listingChecks } from "./objects-listing.conformance.ts";
import { lockChecks } from "./objects-lock.conformance.ts";
import { moveChecks } from "./objects-move.conformance.ts";
import type { OpenObjects } from "./objects-stage.conformance.ts";
import { replicaChecks } from "./objects-replicas.conformance.ts";
import { uploadChecks } from "./objects-uploads.conformance.ts";
import { versionChecks } from "./objects-versions.conformance.ts";
import { writeChecks } from "./objects-writes.conformance.ts";

/** What every adapter of Objects must do, by one suite. */
export function objectsConformance(name: string, open: OpenObjects): void {
  describe(`${name}: buckets`, () => bucketChecks(open));
  describe(`${name}: writing and reading`, () => writeChecks(open));
  describe(`${name}: listing`, () => listingChecks(open));
  describe(`${name}: versions and lock`, () => versionChecks(open));
  describe(`${name}: object lock`, () => lockChecks(open));
  describe(`${name}: uploads in parts`, () => uploadChecks(open));
  describe(`${name}: replicas`, () => replicaChecks(open));
  describe(`${name}: copying and moving`, () => moveChecks(open));
}
