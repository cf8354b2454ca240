/** Texts as cells of files that have no quoting. */

/** A text in a file parted by tabs: a tab or a line break would be taken for the end of the cell. */
export function tabCell(text: string): string {
  return text.replace(/[\t\r\n]+/g, ' ')
}

/** A text in a file parted by `<SEP>`. */
export function sepCell(text: string): string {
  return text.replace(/[\r\n]+/g, ' ').replaceAll('<SEP>', ' ')
}
