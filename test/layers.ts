import { posix } from "node:path";
import { codeOnly, importsOf, type SourceFile } from "./sources.ts";

/** Who may import whom: the house's table, as data. A new arrow is a change here, argued in lib/README.md. */
interface Layer {
  /** Folders of lib; "self" is the folder itself. */
  readonly lib: readonly string[];
  /** Packages and built-in modules; a trailing "*" matches any ending. */
  readonly packages: readonly string[];
}

const layers: Readonly<Record<string, Layer>> = {
  base: { lib: [], packages: [] },
  wire: { lib: ["base"], packages: [] },
  crypto: { lib: ["base"], packages: ["node:crypto"] },
  proto: { lib: ["base", "wire", "crypto"], packages: [] },
  rules: { lib: ["base", "crypto"], packages: [] },
  store: { lib: ["base", "rules", "crypto", "watch"], packages: ["node:*", "bun", "bun:sqlite", "msgpackr"] },
  config: { lib: ["base"], packages: ["zod", "yaml"] },
  watch: { lib: ["base", "rules", "crypto"], packages: [] },
  gate: { lib: ["base", "proto", "rules", "store", "watch"], packages: [] },
  admin: {
    lib: ["base", "config", "rules", "store", "watch"],
    packages: ["hono", "hono/*", "zod", "@hono/zod-openapi"],
  },
  host: {
    lib: ["base", "wire", "watch"],
    packages: ["node:*", "bun", "@peculiar/x509", "reflect-metadata", "ssh2"],
  },
  cmd: {
    lib: ["base", "proto", "rules", "store", "gate", "config", "watch", "admin", "host"],
    packages: ["node:*", "bun", "yaml", "zod"],
  },
};

/** Engines that stand on another engine. */
const siblings: Readonly<Record<string, readonly string[]>> = {
  "proto/sftp": ["proto/ssh"],
  "proto/nts": ["proto/ntp"],
  "proto/smb": ["proto/spnego", "proto/dcerpc"],
};

/** One file, one package more than its folder has, and why. */
const exceptions: readonly { path: RegExp; packages: readonly string[]; why: string }[] = [
  { path: /^lib\/host\/platform\//, packages: ["bun:ffi"], why: "the only foreign functions" },
  {
    path: /^lib\/store\/[a-z-]*posix/,
    packages: ["bun:ffi"],
    why: "openat2 beneath a root: see lib/README.md",
  },
];

/** In these folders the ambient world does not occur. */
const pure = new Set(["base", "wire", "crypto", "proto", "rules", "gate"]);
const ambientWords = [
  "Bun\\.",
  "process\\.",
  "Date\\.now",
  "new Date\\(\\s*\\)",
  "performance\\.",
  "Math\\.random",
  "getRandomValues",
  "random(?:Bytes|UUID|Fill)",
  "set(?:Timeout|Interval|Immediate)",
  "queueMicrotask",
  "fetch\\(",
  "console\\.",
];
const ambient = new RegExp(`\\b(?:${ambientWords.join("|")})`);

/** The process's environment is read in one place, so that every setting has its name, its kind and its place
 *  in the manual. */
const environmentReader = "lib/config/environment.ts";
const environment = /\b(?:process|Bun|import\.meta)\.env\b/;

/** What breaks the table in one file; empty when nothing does. Tests may import anything. */
export function layerBreaches(file: SourceFile): string[] {
  const room = roomOf(file.path);
  if (!room || file.path.endsWith(".test.ts") || file.path.endsWith(".conformance.ts")) return [];
  const found = importsOf(file.text).flatMap((name) => breach(file.path, room, name));
  if (file.path !== environmentReader && environment.test(codeOnly(file.text))) {
    found.push(`${file.path}: the environment is read in ${environmentReader}`);
  }
  if (pure.has(room.layer)) {
    const word = ambient.exec(codeOnly(file.text));
    if (word) found.push(`${file.path}: "${word[0]}" is the ambient world; hand it in`);
  }
  return found;
}

function breach(path: string, room: Room, name: string): string[] {
  const layer = layers[room.layer]!;
  if (!name.startsWith(".")) {
    const extra = exceptions.filter((e) => e.path.test(path)).flatMap((e) => e.packages);
    const allowed = [...layer.packages, ...extra].some((p) => matches(p, name));
    return allowed ? [] : [`${path}: ${room.layer} may not import the package "${name}"`];
  }
  const target = posix.join(posix.dirname(path), name);
  const to = roomOf(target);
  if (!to) return [`${path}: imports ${target}, which is outside lib and cmd`];
  if (to.layer !== room.layer) {
    return layer.lib.includes(to.layer)
      ? []
      : [`${path}: ${room.layer} may not import ${to.layer} (${target})`];
  }
  if (to.unit === room.unit || to.unit === "" || siblings[room.unit]?.includes(to.unit)) return [];
  const split = room.layer === "proto" || room.layer === "gate" || room.layer === "cmd";
  return split && room.unit !== "" ? [`${path}: ${room.unit} may not import its sibling ${to.unit}`] : [];
}

interface Room {
  readonly layer: string;
  /** "proto/ftp", "cmd/s3d"; "" for a file that stands in the layer itself. */
  readonly unit: string;
}

function roomOf(path: string): Room | undefined {
  const parts = path.split("/");
  const [layer, rest] = parts[0] === "lib" ? [parts[1], parts.slice(2)] : [parts[0], parts.slice(1)];
  if (!layer || !layers[layer] || (parts[0] === "lib") === (layer === "cmd")) return undefined;
  return { layer, unit: rest.length > 1 ? `${layer}/${rest[0]}` : "" };
}

const matches = (pattern: string, name: string): boolean =>
  pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : pattern === name;

/** Circles among files, each told once as "a → b → a". */
export function importCircles(files: readonly SourceFile[]): string[] {
  const known = new Set(files.map((f) => f.path));
  const edges = new Map(files.map((f) => [f.path, localImports(f).filter((to) => known.has(to))]));
  const done = new Set<string>();
  const circles: string[] = [];
  const walk = (path: string, trail: string[]): void => {
    const at = trail.indexOf(path);
    if (at >= 0) return void circles.push([...trail.slice(at), path].join(" → "));
    if (done.has(path)) return;
    for (const next of edges.get(path) ?? []) walk(next, [...trail, path]);
    done.add(path);
  };
  for (const path of edges.keys()) walk(path, []);
  return circles;
}

const localImports = (file: SourceFile): string[] =>
  importsOf(file.text)
    .filter((name) => name.startsWith("."))
    .map((name) => posix.join(posix.dirname(file.path), name));
