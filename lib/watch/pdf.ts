import { concat, utf8 } from "../base/bytes.ts";

/** A line of text or a rule on a page of A4, measured in points (1/72 inch) from its upper left corner. */
export type PdfMark =
  | {
      readonly text: string;
      readonly x: number;
      readonly y: number;
      readonly size: number;
      readonly bold?: boolean;
    }
  | { readonly rule: number; readonly x: number; readonly y: number };

export const pdfPage = { width: 595, height: 842 } as const;

/** A PDF document (ISO 32000-1) of text in Helvetica, one of the fonts that every reader has. Nothing in it
 *  depends on when or where it was made. What Latin-1 lacks is shown as "?". */
export function pdfDocument(title: string, pages: readonly (readonly PdfMark[])[]): Uint8Array {
  const fonts = 4;
  const firstPage = fonts + 2;
  const kids = pages.map((_, i) => `${firstPage + i * 2} 0 R`).join(" ");
  const objects = [
    "<< /Type /Catalog /Pages 2 0 R >>",
    `<< /Type /Pages /Kids [${kids}] /Count ${pages.length} >>`,
    `<< /Title (${escaped(title)}) /Producer (Holdfast) >>`,
    font("Helvetica"),
    font("Helvetica-Bold"),
    ...pages.flatMap((marks, i) => {
      const content = marks.map(drawn).join("\n");
      const resources = `/Resources << /Font << /F1 ${fonts} 0 R /F2 ${fonts + 1} 0 R >> >>`;
      const box = `/MediaBox [0 0 ${pdfPage.width} ${pdfPage.height}]`;
      const contents = `/Contents ${firstPage + i * 2 + 1} 0 R`;
      const page = `<< /Type /Page /Parent 2 0 R ${box} ${resources} ${contents} >>`;
      return [page, `<< /Length ${content.length} >>\nstream\n${content}\nendstream`];
    }),
  ];
  return assembled(objects);
}

const font = (name: string): string =>
  `<< /Type /Font /Subtype /Type1 /BaseFont /${name} /Encoding /WinAnsiEncoding >>`;

function drawn(mark: PdfMark): string {
  const y = pdfPage.height - mark.y;
  if ("rule" in mark) return `0.5 w ${mark.x} ${y} m ${mark.x + mark.rule} ${y} l S`;
  return `BT /F${mark.bold ? 2 : 1} ${mark.size} Tf ${mark.x} ${y} Td (${escaped(mark.text)}) Tj ET`;
}

/** §7.3.4.2: a literal string, in ASCII alone, so that a length in characters is one in bytes. */
function escaped(text: string): string {
  return Array.from(text)
    .map((letter) => {
      const code = letter.codePointAt(0)!;
      if (letter === "(" || letter === ")" || letter === "\\") return `\\${letter}`;
      if (code >= 32 && code < 127) return letter;
      return code >= 0xa0 && code <= 0xff ? `\\${code.toString(8).padStart(3, "0")}` : "?";
    })
    .join("");
}

/** §7.5: header, objects, cross-reference table, trailer. */
function assembled(objects: readonly string[]): Uint8Array {
  const parts = ["%PDF-1.4\n"];
  const offsets: number[] = [];
  let at = parts[0]!.length;
  for (const [i, object] of objects.entries()) {
    const text = `${i + 1} 0 obj\n${object}\nendobj\n`;
    offsets.push(at);
    at += text.length;
    parts.push(text);
  }
  const entries = offsets.map((offset) => `${String(offset).padStart(10, "0")} 00000 n \n`);
  parts.push(`xref\n0 ${objects.length + 1}\n0000000000 65535 f \n`, ...entries);
  parts.push(`trailer\n<< /Size ${objects.length + 1} /Root 1 0 R /Info 3 0 R >>\nstartxref\n${at}\n%%EOF\n`);
  return concat(parts.map(utf8));
}
