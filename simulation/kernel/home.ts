/** Where users live: in zip areas, by population. */
import { drawsAt } from '../../datasets/random.ts'
import { ZIP_AREAS, zipAreaAt, zipAt } from '../../datasets/zip.ts'
import { STREAM } from './stream.ts'
import type { World } from './world.ts'

export interface Home {
  /** Index in ZIP_AREAS. */
  area: number
  /** A real 5-digit code. */
  zip: string
  /** Whole hours that the clock there is ahead of UTC, by longitude; summer time is left out. */
  zone_h: number
}

export function homeOf(world: World, index: number): Home {
  const draws = drawsAt(world.key, STREAM.place, index)
  const area = zipAreaAt(draws)
  return { area, zip: zipAt(area, draws), zone_h: Math.round(ZIP_AREAS[area]!.longitude / 15) }
}
