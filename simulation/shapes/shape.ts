/** What an exporter takes and gives: one shape, one function. */
import type { Day } from '../../datasets/day.ts'
import type { World } from '../kernel/world.ts'

export interface ExportOptions {
  /** First local day whose sessions are exported. */
  firstDay: Day
  /** Last such day; its sessions are exported to their ends, which may lie on the day after. */
  lastDay: Day
  /** Folder for the files; made when it is not there. */
  out: string
  signal?: AbortSignal | undefined
  /** Called as often as there are days, as the work goes on. */
  onDay?: (() => void) | undefined
}

export interface ExportReport {
  /** Rows by file, named from the folder on; a file of a database counts its chief table. */
  files: Record<string, number>
}

/**
 * Writes a world's history in one published shape. Files appear under their names all at once, when all are complete.
 * @throws MusicboxError `interrupted` on the signal, with no file left behind
 */
export type ExportShape = (world: World, options: ExportOptions) => Promise<ExportReport>
