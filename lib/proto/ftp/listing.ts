/** Whether a name can stand on a line of its own. */
export const isListable = (name: string): boolean => !/[\r\n\0]/.test(name);

/** Whether the text is a pattern at all. */
export const isGlob = (text: string): boolean => /[*?]/.test(text);

/** `*` is any run, `?` any one character. Time is at most the product of both lengths. */
export function matches(pattern: string, name: string): boolean {
  let p = 0;
  let n = 0;
  let star = -1;
  let resume = 0;
  while (n < name.length) {
    if (pattern[p] === "*") {
      star = p++;
      resume = n;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === name[n])) {
      p++;
      n++;
    } else if (star >= 0) {
      p = star + 1;
      n = ++resume;
    } else return false;
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/** Takes leading words like "-la" off a listing's argument; "./-la" is a file, "-- -la" too. */
export function withoutOptions(argument: string): string {
  let rest = argument.trimStart();
  while (/^-[A-Za-z0-9]*(?: |$)/.test(rest)) rest = rest.replace(/^-\S*\s*/, "");
  return rest.replace(/^--\s+/, "");
}
