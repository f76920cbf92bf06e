/** The loader's window on the outside, handed in: a test has its own. */
export interface ConfigSource {
  /** The file's text; undefined where there is none. Rejects where it cannot be read or is over `limit`
   *  bytes. */
  read(path: string, limitBytes: number): Promise<string | undefined>;
  /** Names in a folder, in byte order; none where there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** Environment variables. */
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A source for tests and generated examples: files by path, no disk. */
export function memorySource(
  files: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string | undefined>> = {},
): ConfigSource {
  return {
    read: (path) => Promise.resolve(Object.hasOwn(files, path) ? files[path] : undefined),
    list: (folder) => {
      const inside = Object.keys(files).filter((path) => path.startsWith(`${folder}/`));
      const names = inside.map((path) => path.slice(folder.length + 1));
      return Promise.resolve(names.filter((name) => !name.includes("/")).sort());
    },
    environment,
  };
}
