/** What a file of the truth is: its rows, and what its reader must know. */
import type { Day } from '../../datasets/day.ts'
import type { World } from '../kernel/world.ts'

export interface TruthSpan {
  world: World
  /** Local days, both included. */
  firstDay: Day
  lastDay: Day
}

export interface TruthFile {
  /** With its ending: `.csv`, or `.csv.gz` for a large one. */
  name: string
  /** What a row is. */
  row: string
  /** The law that the numbers come from, with its source. */
  law: string
  /** By name, what a column holds, with its unit. */
  columns: Readonly<Record<string, string>>
  rows(span: TruthSpan, signal?: AbortSignal): Iterable<readonly (string | number | undefined)[]>
}
