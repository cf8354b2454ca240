/** A text as a cell of a CSV file (RFC 4180): in quotes where it must be, its own quotes doubled. */
export function csvCell(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
