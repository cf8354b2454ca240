/** Runs one row: strike, heal, collect, aggregate, and hold what the listeners know to what the reports say. */
import { setTimeout as sleep } from 'node:timers/promises'
import { MusicboxError } from '../../datasets/failure.ts'
import { withBackend } from '../backend.ts'
import { prove } from '../verify.command.ts'
import type { FaultRow } from './fault-row.ts'
import { Trial, type TrialOptions } from './trial.ts'
import { tablesOfTwin } from './twin.ts'
import { figuresOf, type RowResult, whatBroke } from './verdict.ts'

/**
 * @param limit_ms a row that takes longer is broken
 * @returns the row's line, `BROKEN` too when the row threw
 * @throws MusicboxError `interrupted` when the user stopped the work
 */
export async function runRow(row: FaultRow, options: TrialOptions & { limit_ms: number }): Promise<RowResult> {
  const { fault, clusterOnly } = row
  if (clusterOnly !== undefined && !options.services) {
    return { row: row.row, fault, verdict: 'SKIPPED', notes: [clusterOnly] }
  }
  const started_ms = performance.now()
  const limit = AbortSignal.timeout(options.limit_ms)
  const signal = AbortSignal.any([options.signal, limit])
  const seconds = (): number => rounded((performance.now() - started_ms) / 1000)
  try {
    const line = await withTrial(row, { ...options, signal }, struck)
    return { row: row.row, fault, ...line, seconds: seconds() }
  } catch (error) {
    if (options.signal.aborted)
      throw new MusicboxError('interrupted', `stopped in row ${row.row}`, '', { cause: error })
    const why = limit.aborted ? `it was not over after ${options.limit_ms / 1000} s` : (error as Error).message
    return { row: row.row, fault, seconds: seconds(), verdict: 'BROKEN', notes: [why] }
  }
}

const HEAL_MS_MAX = 120_000

async function withTrial<T>(
  row: FaultRow,
  options: TrialOptions,
  work: (row: FaultRow, trial: Trial) => Promise<T>,
): Promise<T> {
  const trial = await Trial.open(row, options)
  try {
    return await Promise.race([work(row, trial), untilAborted(options.signal)])
  } finally {
    await trial.close()
    // What a row has stopped or killed is there again before the next one begins.
    await options.services?.untilReady(AbortSignal.timeout(HEAL_MS_MAX))
    await trial.removeStores()
  }
}

async function untilAborted(signal: AbortSignal): Promise<never> {
  for (;;) await sleep(2 ** 31 - 1, undefined, { signal, ref: false })
}

async function struck(row: FaultRow, trial: Trial): Promise<Omit<RowResult, 'row' | 'fault'>> {
  await row.run(trial)
  await trial.collectAll()
  await trial.nightAll()
  const ledger = await trial.ledgerPath()
  await trial.listeners.write(ledger)
  const proof = await withBackend(trial.stores, async (backend) => {
    const stores = { raw: await backend.raw(), tables: await backend.tables() }
    const differing = await tablesOfTwin(stores, trial)
    trial.expect(
      differing.length === 0,
      `the tables are those of an undisturbed run (different: ${differing.join(', ')})`,
    )
    return await prove({ ...stores, log: await backend.log(), warehouse: await backend.warehouse() }, [ledger])
  })
  const notes = whatBroke(proof, trial)
  const { strikes, recovery_ms } = trial
  return {
    ...figuresOf(proof),
    strikes,
    ...(recovery_ms !== undefined && { recovery_s: rounded(recovery_ms / 1000) }),
    verdict: notes.length === 0 ? 'HELD' : 'BROKEN',
    notes,
  }
}

function rounded(seconds: number): number {
  return Math.round(seconds * 100) / 100
}
