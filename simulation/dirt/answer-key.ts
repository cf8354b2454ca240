/** The answer key as a file: `dirt.csv`, one row for each thing that is wrong. */
import { csvLine } from '../truth/csv-line.ts'
import type { DirtMark } from './dirt.ts'

export const KEY_COLUMNS = ['file', 'line', 'eid', 'kind', 'field', 'before', 'after'] as const

/** @param file what the dirty file is called, since a line has its number in one file */
export function keyLines(file: string, marks: readonly DirtMark[]): string {
  return marks
    .map(({ line, eid, kind, field, before, after }) => csvLine([file, line, eid, kind, field, before, after]))
    .join('')
}
