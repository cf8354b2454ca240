/** `musicbox verify`: the proof. Each acknowledged event exactly once in the reports, and no stage differs from the next. */
import { access } from 'node:fs/promises'
import type { Command } from 'commander'
import { command, endWith, type StoreChoice } from '../datasets/command.ts'
import { FAILURES, MusicboxError } from '../datasets/failure.ts'
import { type Host, printJson } from '../datasets/host.ts'
import { type AuditedStores, type AuditReport, audit, type Difference } from './audit.ts'
import { embeddedPaths, withBackend } from './backend.ts'
import { ledgersIn, readLedgers } from './ledger-file.ts'
import { describeProof } from './proof-text.ts'
import { settle } from './settle.ts'
import type { Settlement } from './settlement.ts'

export interface Proof extends Settlement {
  /** Hours whose count or checksum differs between two stages. */
  mismatched_hours: number
  audit: AuditReport
  /** Ledgers whose last line was not finished. */
  cut_ledgers: string[]
}

/** Events that differ between stages are followed one by one up to so many: 200 bytes each. */
const DIFFERENCES_MAX = 1_000_000

export function verifyCommand(host: Host): Command {
  return command('verify', 'prove that each acknowledged event is in the reports exactly once', { stores: true })
    .argument('[ledgers...]', 'ledgers of load runs (default: all in the data folder)')
    .action(async (ledgers: string[], options: StoreChoice & { json?: boolean }, self: Command) => {
      const proof = await verify(
        options,
        ledgers.length > 0 ? ledgers : await ledgersIn(embeddedPaths(options.data).ledgers),
      )
      if (options.json) printJson(host, proof)
      else host.stdout.write(describeProof(proof))
      if (proof.verdict !== 'PROVEN') endWith(self, FAILURES['proof.failed'].exit)
    })
}

/** Audits every stage, and settles the ledgers against the published reports. */
export async function verify(choice: StoreChoice, ledgers: readonly string[]): Promise<Proof> {
  if (choice.backend !== 'cluster') await expectLog(embeddedPaths(choice.data).log)
  return await withBackend(choice, async (backend) => {
    const stores = {
      log: await backend.log(),
      raw: await backend.raw(),
      warehouse: await backend.warehouse(),
      tables: await backend.tables(),
    }
    return await prove(stores, ledgers)
  })
}

/** @param ledgers paths */
export async function prove(stores: AuditedStores, ledgers: readonly string[]): Promise<Proof> {
  const differences: Difference[] = []
  const onDifference = (difference: Difference): void => {
    if (differences.length < DIFFERENCES_MAX) differences.push(difference)
  }
  const report = await audit(stores, { ids: true, onDifference })
  const cut_ledgers: string[] = []
  const settlement = await settle(
    readLedgers(ledgers, (path) => cut_ledgers.push(path)),
    stores,
    differences,
  )
  const verdict = report.verdict === 'BALANCED' ? settlement.verdict : 'FAILED'
  return { ...settlement, mismatched_hours: report.mismatches.length, audit: report, cut_ledgers, verdict }
}

/** @throws MusicboxError `not.found` */
async function expectLog(path: string): Promise<void> {
  try {
    await access(path)
  } catch (cause) {
    throw new MusicboxError(
      'not.found',
      `expected the event log of a data folder at ${path}, but there is none`,
      'check the path',
      { cause },
    )
  }
}
