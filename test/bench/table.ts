/** A line of a table; its first cell is text, the others are figures. */
export type Row = readonly string[];

export function table(heads: Row, rows: readonly Row[]): string {
  const widths = heads.map((_, column) =>
    Math.max(...[heads, ...rows].map((row) => (row[column] ?? '').length)),
  );
  const last = heads.length - 1;
  const line = (row: Row): string =>
    widths
      .map((width, column) =>
        column === 0 || column === last
          ? (row[column] ?? '').padEnd(width)
          : (row[column] ?? '').padStart(width),
      )
      .join('   ')
      .trimEnd();
  return [line(heads), widths.map((width) => '─'.repeat(width)).join('───'), ...rows.map(line)].join('\n');
}

export function verdict(budget: string, isMet: boolean): string {
  return `${budget}: ${isMet ? 'met' : 'NOT MET'}`;
}
