/**
 * The search for the largest load that holds: doubling until one breaks, then halving the gap.
 *
 * Near its limit a system holds one time and breaks the next, and a search that believes every answer ends where chance
 * put it. So a step that breaks is tried again before it counts, and the load that is found must hold again: the first of
 * two that agree decides. A step in which the generator was not fit is neither: it says nothing of the system. Where steps stay
 * so, the generator is the limit, and the search says that.
 */
export type Outcome = 'holds' | 'breaks' | 'invalid'

export interface StepResult {
  /** Listeners, or events a second. */
  load: number
  outcome: Outcome
  /** Why it breaks, or why nothing can be said. */
  reasons: string[]
  /** Events a second that were accepted; requests a second where the script sends no events. */
  throughput_per_s: number
  /** Of the response time, from the planned moment. */
  p95_ms: number
  /** The part of the system that is at its limit, where one is. */
  saturated?: Saturated
}

export interface Saturated {
  stage: string
  /** What was measured, and the limit. */
  why: string
}

export interface SearchSpec {
  from: number
  to: number
  /** The search ends when the load that breaks is this much above the one that holds. Default 5 %. */
  resolution?: number
  /** Told of each step when it is done. */
  onStep?: (step: StepResult) => void
}

export interface Capacity {
  /** The largest load that holds; 0 when the smallest does not. */
  capacity: number
  /** What is beyond: the system's own limit, the generator's, or the end of the range. */
  limit: 'system' | 'generator' | 'range'
  /** The step above the capacity that decided. */
  beyond?: StepResult
  steps: StepResult[]
}

const GROWTH = 2
const RESOLUTION = 0.05
/** Tries that must agree. Of three outcomes, the fourth try at the latest brings two that do. */
const AGREEING = 2

/** @throws RangeError for bounds that are no range */
export async function searchCapacity(
  probe: (load: number) => Promise<StepResult>,
  { from, to, resolution = RESOLUTION, onStep }: SearchSpec,
): Promise<Capacity> {
  if (!(from >= 1 && to >= from)) throw new RangeError(`expected 1 <= from <= to, got ${from} and ${to}`)
  const steps: StepResult[] = []
  /** Outcomes by load: later tries of a load add to the earlier ones. */
  const seen = new Map<number, StepResult[]>()
  const tryOnce = async (load: number): Promise<void> => {
    const step = await probe(load)
    steps.push(step)
    onStep?.(step)
    seen.set(load, [...(seen.get(load) ?? []), step])
  }
  /** @param first whether a first try that holds is enough for now */
  const decide = async (load: number, first: boolean): Promise<Outcome> => {
    for (;;) {
      const tries = seen.get(load) ?? []
      const outcome =
        agreed(tries) ?? (first && tries.length === 1 && tries[0]!.outcome === 'holds' ? 'holds' : undefined)
      if (outcome) return outcome
      await tryOnce(load)
    }
  }

  /** Loads that held, the largest last. */
  const held: number[] = []
  let beyond: { load: number; outcome: Outcome } | undefined
  for (let load = from; ; load = Math.min(to, load * GROWTH)) {
    const outcome = await decide(load, true)
    if (outcome === 'holds') held.push(load)
    else beyond = { load, outcome }
    if (beyond || load === to) break
  }
  for (;;) {
    while (beyond) {
      const low: number = held.at(-1) ?? 0
      const middle: number = Math.floor((low + beyond.load) / 2)
      if (middle <= low || middle < from || beyond.load / Math.max(1, low) <= 1 + resolution) break
      const outcome = await decide(middle, true)
      if (outcome === 'holds') held.push(middle)
      else beyond = { load: middle, outcome }
    }
    const found = held.at(-1)
    if (found === undefined) break
    const outcome = await decide(found, false)
    if (outcome === 'holds') break
    // It held by chance: what is below it counts, and the gap above that is searched anew.
    held.pop()
    beyond = { load: found, outcome }
  }
  const last = beyond && seen.get(beyond.load)!.findLast(({ outcome }) => outcome === beyond!.outcome)
  return {
    capacity: held.at(-1) ?? 0,
    limit: !beyond ? 'range' : beyond.outcome === 'invalid' ? 'generator' : 'system',
    ...(last && { beyond: last }),
    steps,
  }
}

/** @returns nothing while another try is needed */
function agreed(tries: readonly StepResult[]): Outcome | undefined {
  const count = (outcome: Outcome): number => tries.filter((step) => step.outcome === outcome).length
  return (['breaks', 'invalid', 'holds'] as const).find((outcome) => count(outcome) >= AGREEING)
}
