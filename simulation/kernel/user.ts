/** Users as the seed's CSV has them: invented people with plausible particulars. */
import type { User } from '../../datasets/music.ts'
import { FIRST_NAMES, LAST_NAMES } from '../../datasets/names.ts'
import { type Draws, drawsAt } from '../../datasets/random.ts'
import { dayNumber, dayOfNumber } from './day-number.ts'
import { exp, normalQuantile } from './elementary.ts'
import { listenerAt } from './listener.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

/**
 * User `index` as known on the eve of the history. Depends on key, profile, first day and index alone.
 * @throws RangeError if the world has no such user
 */
export function userAt(world: World, index: number): User {
  if (!(Number.isInteger(index) && index >= 0 && index < world.userCount)) {
    throw new RangeError(`userAt expects a user from 0 to ${world.userCount - 1}, got ${index}`)
  }
  const { uid, ip4, weight, active, home } = listenerAt(world, index)
  const draws = drawsAt(world.key, STREAM.profile, index)
  const firstDay = dayNumber(world.firstDay)
  const genderDraw = draws.unit()
  const gender = genderDraw < 0.49 ? 'F' : genderDraw < 0.98 ? 'M' : 'X'
  const fname = oneOf(FIRST_NAMES[gender], draws)
  const lname = oneOf(LAST_NAMES, draws)
  const birth = world.profile === 'seed-2014' ? birthOf2014(draws) : firstDay - ageInDays(draws)
  const created = firstDay - 1 - draws.below(1_500)
  // The active were here within a month, the dormant have not been for half a year and more, if ever.
  const silence = active ? draws.below(30) : 180 + draws.below(700)
  return {
    uid,
    fname,
    lname,
    email: `${mailName(fname)}.${mailName(lname)}.${index}@example.com`,
    created: dayOfNumber(created),
    last_login: dayOfNumber(Math.max(created, firstDay - 1 - silence)),
    zip: home.zip,
    birth: dayOfNumber(birth),
    gender,
    active,
    ip4,
    weight,
  }
}

/** Every user, by index. */
export function* users(world: World): Generator<User> {
  for (let index = 0; index < world.userCount; index++) yield userAt(world, index)
}

/** Every day from 1930 to 2000 as likely, as in the original. */
function birthOf2014(draws: Draws): number {
  const first = dayNumber('1930-01-01')
  return first + draws.below(dayNumber('2001-01-01') - first)
}

/** Lognormal over a least age of 13, with a median of 32; nobody is over 95. */
function ageInDays(draws: Draws): number {
  const years = 13 + 19 * exp(0.65 * normalQuantile(draws.unit() * (1 - 2 ** -52) + 2 ** -54))
  return Math.floor(Math.min(95, years) * 365.2425)
}

function oneOf(names: readonly string[], draws: Draws): string {
  return names[draws.below(names.length)]!
}

/** What may stand in an address without quoting. */
function mailName(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, '')
}
