/** Where a worker's code is, for `new Worker(…)`: `path` is from the top of the checkout ("lib/store/x-worker.ts").
 *  In a compiled binary it is an entry point embedded under that very path (see packaging/build.ts). */
export function workerUrl(path: string): string {
  const embedded = /\$bunfs|~BUN/.test(import.meta.url);
  return embedded ? `./${path}` : new URL(`../../${path}`, import.meta.url).href;
}
