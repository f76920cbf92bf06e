/** What a client asks to be run. There is no shell and no programme: what is not here does not exist. */
export type ExecCommand = ScpCommand | { readonly run: "unknown" };

export interface ScpCommand {
  readonly run: "scp";
  /** "to": the client sends. */
  readonly way: "to" | "from";
  readonly recursive: boolean;
  readonly keepTimes: boolean;
  /** The target must be a folder. */
  readonly folder: boolean;
  readonly paths: readonly string[];
}

const maxWords = 100;

/** Reads "scp -r -t -- 'a b'". */
export function readExecCommand(text: string): ExecCommand {
  const words = wordsOf(text);
  if (!words || words.length > maxWords || words[0]?.replace(/^.*\//, "") !== "scp")
    return { run: "unknown" };
  const letters = new Set<string>();
  let at = 1;
  for (; at < words.length && /^-[A-Za-z]+$/.test(words[at]!); at++) {
    for (const letter of words[at]!.slice(1)) letters.add(letter);
  }
  if (words[at] === "--") at++;
  const paths = words.slice(at);
  const [to, from] = [letters.has("t"), letters.has("f")];
  if (to === from || paths.length === 0 || (to && paths.length > 1)) return { run: "unknown" };
  return {
    run: "scp",
    way: to ? "to" : "from",
    recursive: letters.has("r"),
    keepTimes: letters.has("p"),
    folder: letters.has("d"),
    paths,
  };
}

/** Words as a POSIX shell parts them, quotes and backslashes understood; undefined where a quote is open. */
export function wordsOf(text: string): string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = "";
  for (let i = 0; i < text.length; i++) {
    const c = text[i]!;
    if (quote === "" && /\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (quote === "" && (c === "'" || c === '"')) {
      quote = c;
      word ??= "";
    } else if (c === quote) quote = "";
    else if (c === "\\" && quote !== "'" && i + 1 < text.length) word = (word ?? "") + text[++i]!;
    else word = (word ?? "") + c;
  }
  if (word !== undefined) words.push(word);
  return quote === "" ? words : undefined;
}
