/** Texts longer than this are not worth remembering. */
const longest = 256;

/** A pure function whose results for the last arguments are remembered, at most `most` of them. For what
 *  clients say again and again; what a stranger says once pushes out no more than its own kind. */
export function remembered<K extends string | number, T>(make: (of: K) => T, most = 1000): (of: K) => T {
  const known = new Map<K, T>();
  return (of) => {
    const before = known.get(of);
    if (before !== undefined) return before;
    const made = make(of);
    if (typeof of === "string" && of.length > longest) return made;
    if (known.size >= most) known.clear();
    known.set(of, made);
    return made;
  };
}
