/** Which script is meant, and what it finds in its environment. */
import { access } from 'node:fs/promises'
import { addDays, DAY_MS, type Day, dayOf, dayStartMs, parseDay } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import type { World } from '../../simulation/kernel/world.ts'
import type { LoadOptions } from './load-options.ts'
import type { Servers } from './servers.ts'
import { describeShipped, isShipped, SHIPPED, type ShippedScript } from './shipped-scripts.ts'

/** A script of ours, or one of the user's by its path. */
export type ChosenScript = ShippedScript | { path: string }

/** @throws MusicboxError `not.found` for what is neither the name of a script nor the path of one */
export async function chooseScript(named: string): Promise<ChosenScript> {
  if (isShipped(named)) return await describeShipped(named)
  const isThere = await access(named).then(
    () => true,
    () => false,
  )
  if (isThere) return { path: named }
  throw new MusicboxError(
    'not.found',
    `expected the path of a script, or one of ${SHIPPED.join(', ')}, got "${named}"`,
    'musicbox load --list says what each is for',
  )
}

/** The variable that a flag sets. */
const SETTINGS = {
  listeners: 'LISTENERS',
  readers: 'READERS',
  vus: 'VUS',
  duration: 'DURATION',
  speed: 'SPEED',
  rate: 'RATE',
  batch: 'BATCH',
  think: 'THINK',
} as const satisfies Partial<Record<keyof LoadOptions, string>>

export interface Known {
  run: string
  /** Of the history, when there is one. */
  world: World | undefined
  now_ms: number
  servers: Servers
  /** File of questions and answers, for scripts that read reports. */
  oracle?: string | undefined
}

/**
 * The environment of a script. What the user sets with `--env` comes last.
 * @throws MusicboxError `input.invalid` for a flag that a script of ours has no use for, which it would not heed
 */
export function settingsOf(script: ChosenScript, options: LoadOptions, known: Known): Record<string, string> {
  const settings: Record<string, string> = {}
  for (const [flag, variable] of Object.entries(SETTINGS) as [keyof typeof SETTINGS, string][]) {
    const value = options[flag]
    if (value === undefined) continue
    if ('settings' in script && !script.settings.includes(variable)) {
      const takes = script.settings.map((name) => `--${name.toLowerCase()}`).join(', ')
      throw new MusicboxError('input.invalid', `${script.name} has no use for --${flag}; it takes ${takes}`)
    }
    settings[variable] = flag === 'duration' || flag === 'think' ? `${value}ms` : String(value)
  }
  return {
    EVENT_API: known.servers.eventApi,
    REPORT_API: known.servers.reportApi,
    RUN: known.run,
    START_MS: String(dayStartMs(dayLived(options, known.now_ms))),
    ...(known.world && { WORLD: JSON.stringify(known.world) }),
    ...(known.oracle !== undefined && { ORACLE: known.oracle }),
    ...settings,
    ...options.env,
  }
}

/** The day that the listeners live through: yesterday is over, so that it can be reported. */
function dayLived({ day }: LoadOptions, now_ms: number): Day {
  return day === undefined ? addDays(dayOf(now_ms), -1) : parseDay(day, '--day')
}

/** Whether the script asks the report server, and is held against the truth. */
export function readsReports(script: ChosenScript): boolean {
  return 'settings' in script && script.settings.includes('READERS')
}

/** Whether the script sends events. */
export function sendsEvents(script: ChosenScript): boolean {
  return 'settings' in script && script.name !== 'reports'
}

/** Scripts whose listeners each have a time line that must fit the day. */
const ON_A_TIME_LINE: ReadonlySet<string> = new Set(['smoke', 'listeners', 'mixed'])

/** @throws MusicboxError `input.invalid` when the listeners would live through more than their day */
export function expectWithinDay(script: ChosenScript, { duration, speed }: LoadOptions): void {
  if (!('name' in script) || !ON_A_TIME_LINE.has(script.name) || duration === undefined || speed === undefined) return
  const longest_s = Math.floor(DAY_MS / speed / 1000)
  if (duration <= longest_s * 1000) return
  throw new MusicboxError(
    'input.invalid',
    `expected the duration times the speed to be a day at most, which at ${speed}× is ${longest_s}s`,
    'use a shorter --duration or a lower --speed, or a script whose listeners come and go, such as soak',
  )
}
