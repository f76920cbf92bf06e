import { memoryObjects } from "./memory-objects.ts";
import { objectsConformance } from "./objects.conformance.ts";

objectsConformance("memory objects", async (given) => ({
  objects: memoryObjects(given),
  [Symbol.asyncDispose]: () => Promise.resolve(),
}));
