/** Named shocks in a scenario. Songs and artists are given by index or by their rank on the shock's day. */
import { z } from 'zod'
import { SHOCK_KINDS, type Shock } from '../kernel/shock.ts'
import { dayField, instant_ms, instantField, realField, textField, wholeField } from './field.ts'

const name = textField(80, 'What the truth calls this shock; no two of a scenario share a name.')
const size = realField(0, 1000, 'Interest is multiplied by up to 1 + size.')
const fade_days = realField(0.1, 3650, 'Days in which the shock fades to 1/e.')

const rank = wholeField(1, 1_000_000, '1 is the first.')

/** A song or artist by index in the catalogue, or by rank. */
function whoField(what: string, rankedBy: string) {
  return z
    .union(
      [
        z.int().min(0).max(9_999_999).meta({ description: 'Index in the catalogue, from 0.' }),
        z.strictObject({ rank }).meta({ description: `Place by ${rankedBy}.` }),
      ],
      `expected the index of ${what} from 0, or { "rank": 1 } for the first by ${rankedBy}`,
    )
    .meta({ description: `Index of ${what}, or its rank by ${rankedBy}.` })
}

const kind = <Kind extends Shock['kind']>(value: Kind, description: string) => z.literal(value).meta({ description })

export const shockSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: kind('viral', 'A song is everywhere for some days.'),
      name,
      song: whoField('a song', 'interest on that day'),
      day: dayField('First day of the wave.'),
      size,
      fade_days,
    }),
    z.strictObject({
      kind: kind('death', 'An artist dies: interest in all of the artist’s released songs rises.'),
      name,
      artist: whoField('an artist', 'interest on that day in all of their songs'),
      day: dayField('Day on which it is known.'),
      size,
      fade_days,
    }),
    z.strictObject({
      kind: kind('release', 'A promoted release: interest in one song rises from its promotion on.'),
      name,
      song: whoField('a song', 'interest among those released within a week from that day on'),
      day: dayField('First day of the promotion.'),
      size,
      fade_days,
    }),
    z.strictObject({
      kind: kind('holiday', 'People listen more, or less, for some days.'),
      name,
      day: dayField('First day, on each listener’s own calendar.'),
      days: wholeField(1, 366, 'Length in days.'),
      size: realField(0, 100, 'Sessions a day are multiplied by it: below 1 people listen less.'),
    }),
    z.strictObject({
      kind: kind('outage', 'The service is down: no session starts, and what would happen in running ones is lost.'),
      name,
      from: instantField('Start, UTC.'),
      to: instantField('End, UTC.'),
    }),
    z.strictObject({
      kind: kind('price', 'A change of price: from this day on more, or fewer, listeners leave.'),
      name,
      day: dayField('First day of the new price.'),
      size: realField(0, 100, 'The churn hazard is multiplied by it.'),
    }),
  ],
  `expected a shock, whose kind is one of ${SHOCK_KINDS.join(', ')}`,
)

export type ShockJson = z.infer<typeof shockSchema>

/** What a rank stands for, resolved by who knows the catalogue. */
export type ResolveRank = (shock: ShockJson & { kind: 'viral' | 'death' | 'release' }, rank: number) => number

export function shockOf(json: ShockJson, resolve: ResolveRank): Shock {
  switch (json.kind) {
    case 'viral':
    case 'release': {
      const { kind, name, day, size, song } = json
      const index = typeof song === 'number' ? song : resolve(json, song.rank)
      return { kind, name, song: index, day, size, fadeDays: json.fade_days }
    }
    case 'death': {
      const { kind, name, day, size, artist } = json
      const index = typeof artist === 'number' ? artist : resolve(json, artist.rank)
      return { kind, name, artist: index, day, size, fadeDays: json.fade_days }
    }
    case 'outage':
      return { kind: json.kind, name: json.name, from_ms: instant_ms(json.from)!, to_ms: instant_ms(json.to)! }
    default:
      return json
  }
}

/** The inverse of {@link shockOf}, with indices. */
export function shockJson(shock: Shock): ShockJson {
  switch (shock.kind) {
    case 'viral':
    case 'release':
    case 'death': {
      const { fadeDays, ...rest } = shock
      return { ...rest, fade_days: fadeDays }
    }
    case 'outage': {
      const { kind, name, from_ms, to_ms } = shock
      return { kind, name, from: new Date(from_ms).toISOString(), to: new Date(to_ms).toISOString() }
    }
    default:
      return shock
  }
}
