/** Where a worker's code is, for `new Worker(…)`: `path` is from the top of the checkout
 *  ("lib/store/x-worker.ts"). A compiled binary embeds it under that very path (packaging/build.ts). */
export function workerUrl(path: string): string {
  const embedded = /\$bunfs|~BUN/.test(import.meta.url);
  return embedded ? `./${path}` : new URL(`../../${path}`, import.meta.url).href;
}
