/** What a script says: its console, and the engine's words about it. */
import { inspect } from 'node:util'
import type { Log } from './vu.ts'

export type ScriptLog = (level: 'debug' | 'info' | 'warn' | 'error', message: string) => void

/** A thousand listeners that meet the same fault say the same line; so many of it are passed on. */
const SAME_LINES_MAX = 5
/** So many different lines a script's console may say; past as many of the engine's, the oldest are forgotten. */
const DISTINCT_LINES_MAX = 1000

/**
 * Passes each distinct line on a few times, then counts; `close` says how many were kept back. A script's console may
 * say only so many distinct lines, lest each listener fill the screen; what the engine says always comes through.
 */
export function quietly(log: ScriptLog): { write: Log; close(): void } {
  const saidByEngine = new Map<string, number>()
  const saidByScript = new Map<string, number>()
  let keptBack = 0
  return {
    write(level, message, from) {
      const said = from === 'console' ? saidByScript : saidByEngine
      const times = (said.get(message) ?? 0) + 1
      const isNewPastLimit = times === 1 && said.size >= DISTINCT_LINES_MAX
      if (times > SAME_LINES_MAX || (isNewPastLimit && from === 'console')) {
        keptBack++
        return
      }
      if (isNewPastLimit) said.delete(said.keys().next().value!)
      said.set(message, times)
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
      log(level, values.map((value) => (typeof value === 'string' ? value : inspect(value))).join(' '), 'console')
  return { debug: say('debug'), error: say('error'), info: say('info'), log: say('info'), warn: say('warn') }
}
