/** The frozen name table as lists; where it comes from stands in `names.build.ts`. */
import { FIRST_NAMES_F, FIRST_NAMES_M, FIRST_NAMES_X, LAST_NAMES as LAST_NAME_ROWS } from './names.generated.ts'

/** First names given to women (F), to men (M) and to either (X), each list sorted. */
export const FIRST_NAMES: Readonly<Record<'F' | 'M' | 'X', readonly string[]>> = {
  F: namesIn(FIRST_NAMES_F),
  M: namesIn(FIRST_NAMES_M),
  X: namesIn(FIRST_NAMES_X),
}

/** Last names, sorted. */
export const LAST_NAMES: readonly string[] = namesIn(LAST_NAME_ROWS)

function namesIn(rows: readonly string[]): readonly string[] {
  return rows.join(' ').split(' ')
}
