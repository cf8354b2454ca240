/** Where users live: in zip areas, by population. */
import { drawsAt } from '../../datasets/random.ts'
import { ZIP_AREAS, zipAreaAt, zipAt } from '../../datasets/zip.ts'
import { zoneOfArea } from './local-time.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

export interface Home {
  /** Index in ZIP_AREAS. */
  readonly area: number
  /** A real 5-digit code. */
  readonly zip: string
  /** Whose clocks hold there: an index in ZONES of `local-time.ts`. */
  readonly zone: number
}

/** Home of user `index`. Knob `homes` is the share of users who live as the population does; the rest live anywhere. */
export function homeOf(world: World, index: number): Home {
  const draws = drawsAt(world.key, STREAM.place, index)
  const byPopulation = zipAreaAt(draws)
  const anywhere = draws.below(ZIP_AREAS.length)
  const area = draws.unit() < world.knobs.homes ? byPopulation : anywhere
  return { area, zip: zipAt(area, draws), zone: zoneOfArea(area) }
}
