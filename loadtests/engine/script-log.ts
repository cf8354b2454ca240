/** What a script says: its console, and the engine's words about it. */
import { inspect } from 'node:util'
import type { Log } from './vu.ts'

export type ScriptLog = (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void

/** A thousand listeners that meet the same fault say the same line; so many of it are passed on. */
const SAME_LINES_MAX = 5
const DISTINCT_LINES_MAX = 1000

/** Passes each distinct line on a few times, then counts; `close` says how many were kept back. */
export function quietly(log: ScriptLog): { write: Log; close(): void } {
  const seen = new Map<string, number>()
  let keptBack = 0
  return {
    write(level, message) {
      const times = (seen.get(message) ?? 0) + 1
      if (times > SAME_LINES_MAX || (times === 1 && seen.size >= DISTINCT_LINES_MAX)) {
        keptBack++
        return
      }
      seen.set(message, times)
      log(level, message)
    },
    close() {
      if (keptBack > 0) log('warn', `${keptBack} more lines like these were left out`)
    },
  }
}

export function scriptConsole(log: Log): Pick<Console, 'debug' | 'error' | 'info' | 'log' | 'warn'> {
  const say =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (...values: unknown[]): void =>
      log(level, values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' '))
  return { debug: say('debug'), error: say('error'), info: say('info'), log: say('info'), warn: say('warn') }
}
