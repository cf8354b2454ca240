/** Users as the seed's CSV has them: invented people with plausible particulars. */
import type { User } from '../../datasets/music.ts'
import { FIRST_NAMES, LAST_NAMES } from '../../datasets/names.ts'
import { type Draws, drawsAt } from '../../datasets/random.ts'
import { dayNumber, dayOfNumber } from './day-number.ts'
import { accountAt } from './listener.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

/**
 * User `index` as known on the eve of the history, or, if they join later, with the day on which they will and no login
 * yet. Depends on the world and the index, not on how many users there are.
 * @throws RangeError if the world has no such user
 */
export function userAt(world: World, index: number): User {
  if (!(Number.isInteger(index) && index >= 0 && index < world.userCount)) {
    throw new RangeError(`userAt expects a user from 0 to ${world.userCount - 1}, got ${index}`)
  }
  const { uid, ip4, weight, active, home, gender, birthDay, joinDay } = accountAt(world, index)
  const draws = drawsAt(world.key, STREAM.profile, index)
  const fname = oneOf(FIRST_NAMES[gender], draws)
  const lname = oneOf(LAST_NAMES, draws)
  // The active were here within a month, the dormant have not been for half a year and more, if ever.
  const silence = active ? draws.below(30) : 180 + draws.below(700)
  const eve = dayNumber(world.firstDay) - 1
  return {
    uid,
    fname,
    lname,
    email: `${mailName(fname)}.${mailName(lname)}.${index}@example.com`,
    created: dayOfNumber(joinDay),
    last_login: joinDay > eve ? '' : dayOfNumber(Math.max(joinDay, eve - silence)),
    zip: home.zip,
    birth: dayOfNumber(birthDay),
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

function oneOf(names: readonly string[], draws: Draws): string {
  return names[draws.below(names.length)]!
}

/** What may stand in an address without quoting. */
function mailName(name: string): string {
  return name.toLowerCase().replace(/[^a-z]/g, '')
}
