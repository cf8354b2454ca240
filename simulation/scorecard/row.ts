/** A row of the scorecard: what is measured, what was published, and whether the two agree. */
import type { World, WorldParts } from '../kernel/world.ts'
import type { CountedHistory } from './counted-history.ts'
import type { Tampering } from './tampering.ts'

/** `T1`: the history against the laws it was made by, tight. `T2`: the history against published numbers, wide. */
export type Tier = 'T1' | 'T2'

export interface Check {
  name: string
  value: number
  /** Both ends belong to the band. Infinite where a side is open. */
  low: number
  high: number
  unit: string
}

/** In place of checks, why this history cannot be asked. */
export interface NotApplicable {
  reason: string
}

/** A world and its length, in which a row is measured or a mutant must fail. */
export interface Stage {
  userCount: number
  dayCount: number
  parts?: WorldParts
  /** One song goes viral. */
  isViral?: boolean
}

/** A history made wrong on purpose, for which a row must be out of band. */
export interface Mutant {
  name: string
  stage: Stage
  /** What is wrong with the world. */
  wrong?: (world: World) => World
  /** Judge by the laws of the right world, not of the wrong one. */
  judgedByRight?: boolean
  tampering?: Tampering
}

export interface Row {
  id: string
  tier: Tier
  quantity: string
  published: string
  source: string
  /** A row that needs a world of its own. */
  stage?: Stage
  measure(history: CountedHistory): Check[] | NotApplicable
  mutant?: Mutant
}

export function check(name: string, value: number, low: number, high: number, unit = ''): Check {
  return { name, value, low, high, unit }
}

/** A check that something holds: 1 if it does. */
export function holds(name: string, fact: boolean): Check {
  return check(name, fact ? 1 : 0, 1, 1, 'yes')
}

export function isIn({ value, low, high }: Check): boolean {
  return value >= low && value <= high
}

/** A mutant's world: one or more knobs at a wrong value. */
export function knobs(wrong: Partial<World['knobs']>): (world: World) => World {
  return (world) => ({ ...world, knobs: { ...world.knobs, ...wrong } })
}
