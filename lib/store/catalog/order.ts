/** The least string that sorts after every string beginning with `text`, in UTF-8 byte order;
 *  undefined where there is none ("" or only U+10FFFF). */
export function past(text: string): string | undefined {
  const points = Array.from(text);
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    const point = last.codePointAt(0)!;
    if (point < 0x10ffff)
      return points.join("") + String.fromCodePoint(point === 0xd7ff ? 0xe000 : point + 1);
  }
  return undefined;
}
