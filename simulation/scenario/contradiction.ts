/**
 * What no field says alone: fields that contradict each other. Works on what was given, checked or not, so that
 * contradictions are told together with wrong fields; what is of the wrong form is the schema's business and passed over.
 */
import { addDays, isDay } from '../../datasets/day.ts'
import { instant_ms } from './field.ts'
import type { Problem } from './problem.ts'

type Fields = Readonly<Record<string, unknown>>

/** Shocks from before the history still fade in it. */
const EARLY_DAYS = 3650

export function contradictionsOf(given: unknown): Problem[] {
  if (!isFields(given)) return []
  const problems: Problem[] = []
  const say = (path: string, message: string): void => void problems.push({ path, message })
  const { days, last_day } = given
  if (days === undefined && last_day === undefined) say('days', 'expected days or last_day, got neither')
  if (days !== undefined && last_day !== undefined) {
    say('last_day', 'expected days or last_day, got both; remove one')
  }
  const first = dayIn(given['first_day'])
  const last = dayIn(last_day) ?? lastOf(first, days)
  if (first !== undefined && last !== undefined && last < first) {
    say('last_day', `expected a day from first_day (${first}) on, got "${last}"`)
  }
  const songs = given['songs'] ?? 10_000
  const names = new Map<unknown, number>()
  for (const [i, shock] of listIn(given['shocks']).entries()) {
    if (!isFields(shock)) continue
    const at = `shocks[${i}]`
    const namesake = names.get(shock['name'])
    if (namesake === undefined) names.set(shock['name'], i)
    else if (typeof shock['name'] === 'string') {
      say(`${at}.name`, `expected a name of its own, got "${shock['name']}", which shocks[${namesake}] has`)
    }
    for (const field of ['song', 'artist']) {
      const who = isFields(shock[field]) ? shock[field]['rank'] : shock[field]
      const most = typeof songs === 'number' ? songs - (isFields(shock[field]) ? 0 : 1) : Number.NaN
      if (typeof who === 'number' && who > most) {
        say(`${at}.${field}`, `expected at most ${most}, for there are ${songs} songs, got ${who}`)
      }
    }
    const { from, to } = { from: instantIn(shock['from']), to: instantIn(shock['to']) }
    if (from !== undefined && to !== undefined && to <= from) {
      say(`${at}.to`, `expected an instant after from, got "${shock['to']}"`)
    }
    const day = dayIn(shock['day']) ?? (from === undefined ? undefined : dayIn(String(shock['from']).slice(0, 10)))
    if (day === undefined || first === undefined || last === undefined || last < first) continue
    const place = shock['from'] === undefined ? `${at}.day` : `${at}.from`
    if (day > last) say(place, `expected a day within the history, which ends on ${last}, got "${day}"`)
    if (day < addDays(first, -EARLY_DAYS)) say(place, `expected a day nearer to ${first}, got "${day}"`)
  }
  const dirt = given['dirt']
  for (const share of ['late', 'clock_skew']) {
    if (!isFields(dirt) || typeof dirt[share] !== 'number' || dirt[share] <= 0) continue
    const most = `${share}_ms_max`
    if (!dirt[most]) say(`dirt.${most}`, `expected more than 0 ms, since ${share} is ${dirt[share]}`)
  }
  return problems
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function listIn(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : []
}

function dayIn(value: unknown): string | undefined {
  return typeof value === 'string' && isDay(value) ? value : undefined
}

function instantIn(value: unknown): number | undefined {
  return typeof value === 'string' ? instant_ms(value) : undefined
}

function lastOf(first: string | undefined, days: unknown): string | undefined {
  const isLength = typeof days === 'number' && Number.isInteger(days) && days >= 1 && days <= 36_500
  return first !== undefined && isLength ? addDays(first, days - 1) : undefined
}
