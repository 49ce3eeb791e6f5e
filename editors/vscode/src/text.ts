/** Texts and places in them; knows nothing of VS Code. */

export interface Place {
  readonly line: number;
  readonly character: number;
}

/** Where a text ends that is put in at a place, its last line end left out. */
export function endOfText(line: number, character: number, text: string): Place {
  const lines = text.split(/\r\n|\r|\n/);
  // code that goes in below the last line begins with a line end; other code may end with one
  const blank = lines.length > 1 && lines[lines.length - 1] === "";
  const last = blank ? lines.length - 2 : lines.length - 1;
  const length = lines[last]?.length ?? 0;
  return { line: line + last, character: last === 0 ? character + length : length };
}

/** A snippet's code moved to the margin: its first line stands there already. */
export function dedented(text: string, indentation: string): string {
  const [first = "", ...rest] = text.split(/\r\n|\r|\n/);
  const moved = rest.map((line) =>
    line.startsWith(indentation) ? line.slice(indentation.length) : line.trimStart(),
  );
  return [first, ...moved].join("\n");
}
