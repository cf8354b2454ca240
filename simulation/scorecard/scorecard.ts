/**
 * The realism scorecard: every row measured on one history, and on worlds of their own where a row needs one; then each
 * row's mutant, a history made wrong on purpose, for which the row must be out of band.
 */
import { MusicboxError } from '../../datasets/failure.ts'
import { createWorld, type World } from '../kernel/world.ts'
import { type CountedHistory, type CountingOptions, countedHistory } from './counted-history.ts'
import { MEMORY_ROWS } from './memory-rows.ts'
import { POPULARITY_ROWS } from './popularity-rows.ts'
import { RHYTHM_ROWS } from './rhythm-rows.ts'
import { type Check, isIn, type Mutant, type Row, type Stage, type Tier } from './row.ts'
import { SELF_ROWS } from './self-rows.ts'
import { SESSION_ROWS } from './session-rows.ts'
import { SONG_LIFE_ROWS, withViralSong } from './song-life-rows.ts'

/** All rows, in the order of the published table; the kernel's own laws last. */
export const ROWS: readonly Row[] = [
  ...POPULARITY_ROWS,
  ...MEMORY_ROWS,
  ...SONG_LIFE_ROWS,
  ...RHYTHM_ROWS,
  ...SESSION_ROWS,
  ...SELF_ROWS,
]

export type Verdict = 'in' | 'out' | 'not applicable'

export interface ScoredRow {
  id: string
  tier: Tier
  quantity: string
  published: string
  source: string
  verdict: Verdict
  /** Why the row does not apply. */
  reason?: string
  checks: (Check & { in: boolean })[]
  /** What became of the row's mutant; absent when it was not run or the row has none. */
  mutant?: { name: string; outcome: MutantOutcome }
}

/** `untold`: the row does not apply to the mutant's history, which then proves nothing. */
export type MutantOutcome = 'fails' | 'survives' | 'untold'

export interface Scorecard {
  /** Rows in band over rows that apply, 0..1. */
  t1_in_band_share: number
  t2_in_band_share: number
  /** Mutants that a row did not catch; null when none was run. */
  mutants_surviving: number | null
  rows: ScoredRow[]
}

export interface ScoringOptions extends CountingOptions {
  /** Rows to score; all when absent. */
  only?: readonly string[]
  mutants?: boolean
  /** Measure rows that ask for it in a world of their own; else in the history, and P3 not at all. */
  stages?: boolean
  /** Told what is being counted, and how many listeners it has. */
  onStage?: (what: string, userCount: number) => void
}

/** @returns the scorecard and the history it was measured on */
export async function score(
  world: World,
  dayCount: number,
  { only, mutants = true, stages = true, onStage = () => {}, ...options }: ScoringOptions = {},
): Promise<{ scorecard: Scorecard; history: CountedHistory }> {
  const rows = ROWS.filter(({ id }) => only === undefined || only.includes(id))
  if (rows.length === 0)
    throw new MusicboxError('input.invalid', `expected rows among ${ROWS.map(({ id }) => id).join(', ')}, got ${only}`)
  onStage('history', world.userCount)
  const history = await countedHistory({ made: world, dayCount }, options)
  const stage = new StageHistories(world, options, onStage)
  const scored: ScoredRow[] = []
  for (const row of rows) {
    const { id, tier, quantity, published, source } = row
    const own = row.stage !== undefined && stages ? await stage.of(row.stage, undefined) : history
    scored.push({ id, tier, quantity, published, source, ...judge(row, own) })
  }
  if (mutants) {
    // Mutants of one kind follow one another, so that one history serves them all and none is kept for long.
    const order = rows
      .map((row, at) => ({ row, at, kind: kindOf(row.mutant) }))
      .sort((a, b) => (a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : a.at - b.at))
    for (const { row, at } of order) {
      if (row.mutant === undefined || (row.id === 'P3' && !stages)) continue
      const { verdict } = judge(row, await stage.of(row.mutant.stage, row.mutant))
      const outcome = verdict === 'out' ? 'fails' : verdict === 'in' ? 'survives' : 'untold'
      scored[at]!.mutant = { name: row.mutant.name, outcome }
    }
  }
  return { scorecard: summary(scored, mutants), history }
}

function judge(row: Row, history: CountedHistory): Pick<ScoredRow, 'verdict' | 'checks' | 'reason'> {
  const measured = row.measure(history)
  if (!Array.isArray(measured)) return { verdict: 'not applicable', reason: measured.reason, checks: [] }
  const checks = measured.map((each) => ({ ...each, in: isIn(each) }))
  return { verdict: checks.every((each) => each.in) ? 'in' : 'out', checks }
}

function summary(rows: ScoredRow[], mutants: boolean): Scorecard {
  const share = (tier: Tier): number => {
    const asked = rows.filter((row) => row.tier === tier && row.verdict !== 'not applicable')
    return asked.length === 0 ? 1 : asked.filter(({ verdict }) => verdict === 'in').length / asked.length
  }
  return {
    t1_in_band_share: share('T1'),
    t2_in_band_share: share('T2'),
    mutants_surviving: mutants
      ? rows.filter(({ mutant }) => mutant !== undefined && mutant.outcome !== 'fails').length
      : null,
    rows,
  }
}

function kindOf(mutant: Mutant | undefined): string {
  return mutant === undefined ? '' : JSON.stringify([mutant.stage, mutant.name, mutant.judgedByRight, mutant.tampering])
}

/** Histories of stages and mutants; the last one is kept, since rows that ask for the same follow one another. */
class StageHistories {
  private readonly world: World
  private readonly options: CountingOptions
  private readonly onStage: (what: string, userCount: number) => void
  private last: { kind: string; history: CountedHistory } | undefined

  constructor(world: World, options: CountingOptions, onStage: (what: string, userCount: number) => void) {
    this.world = world
    this.options = options
    this.onStage = onStage
  }

  async of(stage: Stage, mutant: Mutant | undefined): Promise<CountedHistory> {
    const kind = JSON.stringify([stage, mutant?.name, mutant?.judgedByRight, mutant?.tampering])
    if (this.last?.kind === kind) return this.last.history
    this.last = undefined
    const { parts = {}, userCount, dayCount } = stage
    const plain = createWorld({ ...this.world, ...parts, userCount, knobs: { ...this.world.knobs, ...parts.knobs } })
    const right = stage.isViral ? withViralSong(plain) : plain
    const made = mutant?.wrong ? createWorld(mutant.wrong(right)) : right
    this.onStage(mutant ? `mutant ${mutant.name}` : 'stage', userCount)
    const { tampering } = mutant ?? {}
    const what = { made, judged: mutant?.judgedByRight ? right : made, dayCount }
    const history = await countedHistory(tampering ? { ...what, tampering } : what, this.options)
    this.last = { kind, history }
    return history
  }
}
