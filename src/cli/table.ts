// Columns of plain text.
import { toPrintable } from '../base/printable.ts'

/** @param cells by rows; the first row is the head. @returns lines without spaces at their ends. */
export function renderTable(cells: readonly (readonly string[])[]): string {
  // Names of models and files are among them.
  const rows = cells.map((row) => row.map(toPrintable))
  const widths: number[] = []
  for (const row of rows) {
    for (const [column, cell] of row.entries()) {
      widths[column] = Math.max(widths[column] ?? 0, cell.length)
    }
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}
