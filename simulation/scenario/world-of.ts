/** The world that a scenario describes. */
import { addDays, type Day } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { createWorld, type World } from '../kernel/world.ts'
import { seedKey } from '../seed.ts'
import { knobsOf } from './knob-fields.ts'
import { artistAtRank, newSongAtRank, songAtRank } from './rank.ts'
import type { Scenario } from './scenario.ts'
import { type ResolveRank, shockOf } from './shock-fields.ts'

export interface ScenarioWorld {
  world: World
  firstDay: Day
  lastDay: Day
}

/**
 * Equal scenarios give equal worlds. Live listeners live through the day after the last.
 * @throws MusicboxError `input.invalid` when a shock's rank is beyond the songs or artists that there are
 */
export function worldOf(scenario: Scenario): ScenarioWorld {
  const { first_day: firstDay } = scenario
  const lastDay = scenario.last_day ?? addDays(firstDay, scenario.days! - 1)
  const calm = createWorld({
    key: seedKey(scenario.seed),
    profile: scenario.profile,
    songCount: scenario.songs,
    lastYear: scenario.last_year ?? Number(lastDay.slice(0, 4)),
    userCount: scenario.users,
    firstDay,
    liveDay: addDays(lastDay, 1),
    knobs: knobsOf(scenario.knobs),
  })
  const resolve: ResolveRank = ({ kind, name, day }, rank) => {
    const find = { viral: songAtRank, release: newSongAtRank, death: artistAtRank }[kind]
    const found = find(calm, day, rank)
    if (found !== undefined) return found
    throw new MusicboxError(
      'input.invalid',
      `expected shock "${name}" to name a rank that the catalogue has, got ${rank}`,
      'give a lower rank, more songs, or an index',
    )
  }
  const shocks = scenario.shocks.map((shock) => shockOf(shock, resolve))
  return { world: { ...calm, shocks }, firstDay, lastDay }
}
