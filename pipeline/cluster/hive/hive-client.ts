/** A few sessions of HiveServer2, opened when they are needed and opened again when they were lost. */
import { MusicboxError } from '../../../datasets/failure.ts'
import type { Cell } from './hive-rows.ts'
import { HiveSession, type SessionOptions, type StatementSettings } from './hive-session.ts'

export interface HiveClientOptions extends SessionOptions {
  /** Statements that run at once; others wait. Default 2. */
  sessions?: number
}

export class HiveClient {
  readonly #options: HiveClientOptions
  readonly #idle: HiveSession[] = []
  /** Statements wait here for their turn. */
  readonly #waiting: (() => void)[] = []
  #free: number
  #closed = false

  constructor(options: HiveClientOptions) {
    this.#options = options
    this.#free = options.sessions ?? 2
  }

  /**
   * Runs a statement, given without a semicolon.
   * @returns its rows; none for a statement without a result
   * @throws MusicboxError `backend.unreachable`, also for a statement that Hive refuses; `backend.full`
   */
  async query(statement: string, settings?: StatementSettings): Promise<Cell[][]> {
    if (this.#free > 0) this.#free--
    else await new Promise<void>((resolve) => this.#waiting.push(resolve))
    try {
      return await this.#run(statement, settings)
    } finally {
      // The next one takes this one's place.
      const next = this.#waiting.shift()
      if (next) next()
      else this.#free++
    }
  }

  /** Ends the idle sessions; one that still works ends when its statement does. */
  async close(): Promise<void> {
    this.#closed = true
    await Promise.all(this.#idle.splice(0).map((session) => session.close()))
  }

  async #run(statement: string, settings?: StatementSettings): Promise<Cell[][]> {
    if (this.#closed) throw new MusicboxError('backend.unreachable', 'the connection to Hive is closed')
    const session = this.#takeIdle() ?? (await HiveSession.open(this.#options))
    try {
      const rows: Cell[][] = []
      for await (const piece of session.rows(statement, settings)) for (const row of piece) rows.push(row)
      return rows
    } finally {
      if (this.#closed) await session.close()
      else if (session.usable) this.#idle.push(session)
    }
  }

  /** A session whose connection still stands: others were lost while they were idle. */
  #takeIdle(): HiveSession | undefined {
    for (let session = this.#idle.pop(); session; session = this.#idle.pop()) {
      if (session.usable) return session
    }
    return undefined
  }
}
