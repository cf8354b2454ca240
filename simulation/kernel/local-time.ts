/**
 * Clocks of the United States: each zip area has a fixed offset and, outside Arizona and Hawaii, summer time by the
 * Energy Policy Act of 2005, which has held since 2007 and here holds for all years: from the second Sunday of March,
 * 2 h standard time, to the first Sunday of November, 2 h summer time. No time-zone database is asked, since it changes.
 *
 * Where it stops holding: states cut by a zone's border are cut here along a meridian (Idaho along a parallel), so a
 * few counties near a border have their neighbours' clock, as have the Navajo Nation and the western Aleutians.
 */
import { ZIP_AREAS } from '../../datasets/zip.ts'
import { marchDay, weekdayOf } from './day-number.ts'

export interface Zone {
  name: string
  /** Local standard time minus UTC, minutes. */
  standard_min: number
  hasSummerTime: boolean
}

export const ZONES: readonly Zone[] = [
  { name: 'eastern', standard_min: -300, hasSummerTime: true },
  { name: 'central', standard_min: -360, hasSummerTime: true },
  { name: 'mountain', standard_min: -420, hasSummerTime: true },
  { name: 'pacific', standard_min: -480, hasSummerTime: true },
  { name: 'alaska', standard_min: -540, hasSummerTime: true },
  { name: 'hawaii', standard_min: -600, hasSummerTime: false },
  { name: 'arizona', standard_min: -420, hasSummerTime: false },
]

export interface Instant {
  /** ms UTC */
  ts: number
  /** Local minus UTC time at that instant, minutes. */
  offset_min: number
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
const DAY_MS = 86_400_000

/**
 * The instant at which a zone's clocks show a local time. A time that summer time skips is shifted forward by the hour
 * (2:30 becomes 3:30); of a time that comes twice the first is meant, which is summer time's.
 * @param zone     index in {@link ZONES}
 * @param localDay days since 1970-01-01
 * @param local_ms ms since local midnight, from 0 to a day
 */
export function utcOf(zone: number, localDay: number, local_ms: number): Instant {
  const { standard_min, hasSummerTime } = ZONES[zone]!
  const standard_ms = localDay * DAY_MS + local_ms - standard_min * MINUTE_MS
  if (!hasSummerTime) return { ts: standard_ms, offset_min: standard_min }
  const season = seasonOf(localDay)
  if (season === STANDARD) return { ts: standard_ms, offset_min: standard_min }
  const summer = { ts: standard_ms - HOUR_MS, offset_min: standard_min + 60 }
  if (season === SUMMER) return summer
  if (season === AUTUMN) return local_ms < 2 * HOUR_MS ? summer : { ts: standard_ms, offset_min: standard_min }
  if (local_ms < 2 * HOUR_MS) return { ts: standard_ms, offset_min: standard_min }
  // A skipped time, read on a standard clock, is the instant at which summer's clocks show an hour more.
  return local_ms < 3 * HOUR_MS ? { ts: standard_ms, offset_min: standard_min + 60 } : summer
}

/** Local minus UTC time of a zone at an instant, minutes. @param ts ms UTC */
export function offsetAt(zone: number, ts: number): number {
  const { standard_min, hasSummerTime } = ZONES[zone]!
  if (!hasSummerTime) return standard_min
  const standard_ms = ts + standard_min * MINUTE_MS
  const day = Math.floor(standard_ms / DAY_MS)
  const season = seasonOf(day)
  const inDay_ms = standard_ms - day * DAY_MS
  // On a standard clock summer begins at 2 h and ends at 1 h.
  const isSummer =
    season === SUMMER || (season === SPRING && inDay_ms >= 2 * HOUR_MS) || (season === AUTUMN && inDay_ms < HOUR_MS)
  return isSummer ? standard_min + 60 : standard_min
}

/** Index in {@link ZONES} of a zip area's clocks. @param area index in ZIP_AREAS */
export function zoneOfArea(area: number): number {
  return ZONE_OF_AREA[area]!
}

const STANDARD = 0
/** The day on which summer time begins. */
const SPRING = 1
const SUMMER = 2
/** The day on which it ends. */
const AUTUMN = 3

function seasonOf(day: number): number {
  // The rule's days stand at fixed places of a year from March on, leap year or not.
  const { dayOfYear } = marchDay(day)
  if (dayOfYear < 7 || dayOfYear > 251) return STANDARD
  if (dayOfYear > 13 && dayOfYear < 245) return SUMMER
  // 8–14 March has the second Sunday, 1–7 November the first.
  const weekStart = dayOfYear <= 13 ? 7 : 245
  const sunday = weekStart + 6 - weekdayOf(day - dayOfYear + weekStart)
  if (dayOfYear === sunday) return weekStart === 7 ? SPRING : AUTUMN
  return dayOfYear < sunday === (weekStart === 7) ? STANDARD : SUMMER
}

const EASTERN_STATES = 'CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV'
const CENTRAL_STATES = 'AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI'
const MOUNTAIN_STATES = 'CO ID MT NM UT WY'
const PACIFIC_STATES = 'CA NV OR WA'

const ZONE_OF_STATE: Readonly<Record<string, number>> = {
  ...inZone(EASTERN_STATES, 'eastern'),
  ...inZone(CENTRAL_STATES, 'central'),
  ...inZone(MOUNTAIN_STATES, 'mountain'),
  ...inZone(PACIFIC_STATES, 'pacific'),
  AK: zoneNamed('alaska'),
  HI: zoneNamed('hawaii'),
  AZ: zoneNamed('arizona'),
}

/** In these states one part, west or east of a longitude or north of a latitude, has another zone than the rest. */
const PARTS: readonly {
  state: string
  has: (area: { latitude: number; longitude: number }) => boolean
  zone: number
}[] = [
  { state: 'FL', has: ({ longitude }) => longitude < -85, zone: zoneNamed('central') },
  { state: 'IN', has: ({ longitude }) => longitude < -87.2, zone: zoneNamed('central') },
  { state: 'KY', has: ({ longitude }) => longitude < -86, zone: zoneNamed('central') },
  { state: 'TN', has: ({ longitude }) => longitude > -85.4, zone: zoneNamed('eastern') },
  { state: 'ND', has: ({ longitude }) => longitude < -102, zone: zoneNamed('mountain') },
  { state: 'SD', has: ({ longitude }) => longitude < -100.5, zone: zoneNamed('mountain') },
  { state: 'NE', has: ({ longitude }) => longitude < -102, zone: zoneNamed('mountain') },
  { state: 'TX', has: ({ longitude }) => longitude < -105, zone: zoneNamed('mountain') },
  { state: 'OR', has: ({ longitude }) => longitude > -118, zone: zoneNamed('mountain') },
  { state: 'ID', has: ({ latitude }) => latitude > 45.5, zone: zoneNamed('pacific') },
]

const ZONE_OF_AREA: readonly number[] = ZIP_AREAS.map((area) => {
  const part = PARTS.find(({ state, has }) => state === area.state && has(area))
  return part === undefined ? ZONE_OF_STATE[area.state]! : part.zone
})

function inZone(states: string, zone: string): Record<string, number> {
  const entries: Record<string, number> = {}
  for (const state of states.split(' ')) entries[state] = zoneNamed(zone)
  return entries
}

function zoneNamed(name: string): number {
  return ZONES.findIndex((zone) => zone.name === name)
}
