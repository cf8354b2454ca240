import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { ZIP_AREAS } from '../../datasets/zip.ts'
import { dayNumber } from './day-number.ts'
import { offsetAt, utcOf, ZONES, zoneOfArea } from './local-time.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

/** The names that the engine's own time-zone data has for our zones, in their order. */
const IANA = [
  'America/New_York',
  'America/Chicago',
  'America/Denver',
  'America/Los_Angeles',
  'America/Anchorage',
  'Pacific/Honolulu',
  'America/Phoenix',
]

/** Local minus UTC time by the engine's data, minutes. */
function readerOf(name: string): (ts: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: name,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  })
  return (ts) => {
    const part: Record<string, number> = {}
    for (const { type, value } of format.formatToParts(ts)) part[type] = Number(value)
    return (Date.UTC(part.year!, part.month! - 1, part.day!, part.hour!, part.minute!) - ts) / 60_000
  }
}

describe('local time', () => {
  it('agrees with the engine’s time-zone data in every zone, at every change from 2010 to 2035 and in between', () => {
    for (const [zone, name] of IANA.entries()) {
      const read = readerOf(name)
      for (let year = 2010; year <= 2035; year++) {
        for (const [month, first, last] of [
          ['03', 7, 15],
          ['11', 0, 8],
        ] as const) {
          for (let i = first; i < last; i++) {
            const day = dayNumber(`${year}-${month}-01`) + i
            for (const ms of [0, 8.5, 9.5, 11.5, 13.5].map((hour) => hour * HOUR_MS)) {
              const ts = day * DAY_MS + ms
              assert.equal(offsetAt(zone, ts), read(ts), `${name} ${new Date(ts).toISOString()}`)
            }
          }
        }
        for (let day = dayNumber(`${year}-01-01`); day < dayNumber(`${year + 1}-01-01`); day += 17) {
          assert.equal(offsetAt(zone, day * DAY_MS), read(day * DAY_MS), name)
        }
      }
    }
  })

  it('finds the instant of a local time: reading its clock gives the time back, but for skipped and repeated hours', () => {
    for (let zone = 0; zone < ZONES.length; zone++) {
      for (let day = dayNumber('2024-01-01'); day < dayNumber('2026-01-01'); day++) {
        for (const local_ms of [0, 1.5, 2, 2.5, 3, 12, 23.9].map((hour) => hour * HOUR_MS)) {
          const { ts, offset_min } = utcOf(zone, day, local_ms)
          assert.equal(offset_min, offsetAt(zone, ts))
          const back = ts + offset_min * 60_000 - day * DAY_MS
          if (back !== local_ms)
            assert.ok(back === local_ms + HOUR_MS && local_ms >= 2 * HOUR_MS && local_ms < 3 * HOUR_MS)
        }
      }
    }
  })

  it('shifts skipped times forward and takes the first of a repeated hour', () => {
    const spring = dayNumber('2026-03-08')
    assert.deepEqual(utcOf(0, spring, 2.5 * HOUR_MS), { ts: Date.parse('2026-03-08T03:30:00-04:00'), offset_min: -240 })
    const autumn = dayNumber('2026-11-01')
    assert.deepEqual(utcOf(0, autumn, 1.5 * HOUR_MS), { ts: Date.parse('2026-11-01T01:30:00-04:00'), offset_min: -240 })
    assert.deepEqual(utcOf(0, autumn, 2 * HOUR_MS), { ts: Date.parse('2026-11-01T02:00:00-05:00'), offset_min: -300 })
    assert.deepEqual(utcOf(6, spring, 2.5 * HOUR_MS), { ts: Date.parse('2026-03-08T02:30:00-07:00'), offset_min: -420 })
  })

  it('has a zone for every zip area, and cuts the states that two zones share', () => {
    const zoneIn = (zip3: string): string => ZONES[zoneOfArea(ZIP_AREAS.findIndex((area) => area.zip3 === zip3))]!.name
    for (const [i, area] of ZIP_AREAS.entries()) assert.ok(ZONES[zoneOfArea(i)], area.state)
    const known = {
      100: 'eastern', // New York
      331: 'eastern', // Miami
      325: 'central', // Pensacola
      372: 'central', // Nashville
      379: 'eastern', // Knoxville
      463: 'central', // Gary
      462: 'eastern', // Indianapolis
      606: 'central', // Chicago
      799: 'mountain', // El Paso
      750: 'central', // Dallas
      577: 'mountain', // Rapid City
      838: 'pacific', // Coeur d’Alene
      837: 'mountain', // Boise
      850: 'arizona',
      967: 'hawaii',
      995: 'alaska',
      979: 'mountain', // Ontario, Oregon
      900: 'pacific',
    }
    for (const [zip3, name] of Object.entries(known)) assert.equal(zoneIn(zip3), name, zip3)
  })
})
