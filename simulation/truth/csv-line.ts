/** A row of CSV (RFC 4180) with its line break; numbers as they are, an absent value as an empty cell. */
export function csvLine(cells: readonly (string | number | undefined)[]): string {
  return `${cells.map(cellOf).join(',')}\n`
}

function cellOf(cell: string | number | undefined): string {
  const text = cell === undefined ? '' : String(cell)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
