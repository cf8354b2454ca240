/**
 * Events with which something may be wrong, and what of them was seen at each stage: 30 to 60 bytes a suspect, so that
 * even the loss of everything can be walked through.
 */
import { EidMap } from './eid-map.ts'

/** The stages that hold events by their id, in the order in which events pass them. */
export const WALKED_STAGES = ['log', 'raw', 'warehouse'] as const

export type WalkedStage = (typeof WALKED_STAGES)[number]

/** What may be seen of an event at a stage. `later`: there, but it came after the version that readers see. */
export type Sighting = WalkedStage | 'later'

/** Copies up to this many are told apart. */
const COPIES_MAX = 15
const COPIES_BITS = 4
const SIGHTINGS = [...WALKED_STAGES, 'later'] as const
const ALTERED_SHIFT = SIGHTINGS.length * COPIES_BITS

export type SuspectFault = 'lost' | 'doubled' | 'altered'

export class Suspects {
  readonly #seen = new EidMap()

  get size(): number {
    return this.#seen.size
  }

  add(eid: string): void {
    if (!this.has(eid)) this.#seen.set(eid, 0)
  }

  has(eid: string): boolean {
    return this.#seen.size > 0 && this.#seen.get(eid) !== undefined
  }

  *ids(): Generator<string> {
    for (const [eid] of this.#seen.entries()) yield eid
  }

  copies(eid: string, where: Sighting): number {
    return ((this.#seen.get(eid) ?? 0) >>> shiftOf(where)) & COPIES_MAX
  }

  /** Counts copies of a suspect. */
  saw(eid: string, where: Sighting, copies = 1): void {
    const present = this.copies(eid, where)
    const added = Math.min(COPIES_MAX - present, copies)
    this.#seen.set(eid, (this.#seen.get(eid) ?? 0) + added * 2 ** shiftOf(where))
  }

  /** At this stage the suspect is not as it was sent, or as the stage before has it. */
  alter(eid: string, stage: WalkedStage): void {
    this.#seen.set(eid, (this.#seen.get(eid) ?? 0) | (1 << (ALTERED_SHIFT + WALKED_STAGES.indexOf(stage))))
  }

  isAltered(eid: string): boolean {
    return (this.#seen.get(eid) ?? 0) >>> ALTERED_SHIFT > 0
  }

  /**
   * The first thing that went wrong with an event that should be at each stage. Copies in log and raw files are no fault:
   * a retry may have left them, and the warehouse takes the first.
   */
  firstFault(eid: string): { fault: SuspectFault; stage: WalkedStage } | undefined {
    for (const [at, stage] of WALKED_STAGES.entries()) {
      const copies = this.copies(eid, stage) + (stage === 'raw' ? this.copies(eid, 'later') : 0)
      if (copies === 0) return { fault: 'lost', stage }
      if ((((this.#seen.get(eid) ?? 0) >>> (ALTERED_SHIFT + at)) & 1) === 1) return { fault: 'altered', stage }
      if (stage === 'warehouse' && copies > 1) return { fault: 'doubled', stage }
    }
    return undefined
  }

  /** The first stage that has it. */
  firstPresence(eid: string): WalkedStage | undefined {
    return WALKED_STAGES.find((stage) => this.copies(eid, stage) > 0)
  }
}

function shiftOf(where: Sighting): number {
  return SIGHTINGS.indexOf(where) * COPIES_BITS
}
