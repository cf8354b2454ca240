/** `musicbox verify`: the proof. Each acknowledged event exactly once in the reports, and no stage differs from the next. */
import { createReadStream } from 'node:fs'
import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Command } from 'commander'
import { command, endWith } from '../datasets/command.ts'
import { FAILURES, MusicboxError } from '../datasets/failure.ts'
import { formatCount, type Host, printJson } from '../datasets/host.ts'
import type { LedgerEntry } from '../datasets/ledger.ts'
import { type AuditReport, audit } from './audit.ts'
import { embeddedPaths, withEmbeddedBackend } from './backend.ts'
import { type Settlement, settle } from './settle.ts'

export interface Proof extends Omit<Settlement, 'verdict'> {
  verdict: Settlement['verdict']
  /** Hours whose count or checksum differs between two stages. */
  mismatched_hours: number
  audit: AuditReport
}

export function verifyCommand(host: Host): Command {
  return command('verify', 'prove that each acknowledged event is in the reports exactly once')
    .argument('[ledgers...]', 'ledgers of load runs (default: all in the data folder)')
    .action(async (ledgers: string[], options: { data: string; json?: boolean }, self: Command) => {
      const proof = await verify(options.data, ledgers.length > 0 ? ledgers : await ledgersIn(options.data))
      if (options.json) printJson(host, proof)
      else host.stdout.write(describeProof(proof))
      if (proof.verdict !== 'PROVEN') endWith(self, FAILURES['proof.failed'].exit)
    })
}

/** Settles the ledgers against the published reports and audits every stage. */
export async function verify(dataFolder: string, ledgers: readonly string[]): Promise<Proof> {
  await expectThere(embeddedPaths(dataFolder).log, 'the event log of a data folder')
  return await withEmbeddedBackend(dataFolder, async (backend) => {
    const stores = { raw: await backend.raw(), warehouse: await backend.warehouse(), tables: await backend.tables() }
    const settlement = await settle(readLedgers(ledgers), stores)
    const report = await audit({ log: await backend.log(), ...stores }, { ids: true })
    const verdict = report.verdict === 'BALANCED' ? settlement.verdict : 'FAILED'
    return { ...settlement, mismatched_hours: report.mismatches.length, audit: report, verdict }
  })
}

/** @throws MusicboxError `not.found` */
async function expectThere(path: string, what: string): Promise<void> {
  try {
    await access(path)
  } catch (cause) {
    throw new MusicboxError('not.found', `expected ${what} at ${path}, but there is none`, 'check the path', { cause })
  }
}

async function ledgersIn(dataFolder: string): Promise<string[]> {
  const folder = embeddedPaths(dataFolder).ledgers
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.filter((name) => name.endsWith('.ndjson')).map((name) => join(folder, name))
}

async function* readLedgers(paths: readonly string[]): AsyncGenerator<LedgerEntry> {
  for (const path of paths) {
    let number = 0
    await expectThere(path, 'a ledger')
    for await (const line of createInterface({ input: createReadStream(path), crlfDelay: Number.POSITIVE_INFINITY })) {
      number++
      if (line === '') continue
      try {
        yield JSON.parse(line) as LedgerEntry
      } catch (cause) {
        throw new MusicboxError('data.corrupt', `expected ${path} line ${number} to be JSON`, 'is it a ledger?', {
          cause,
        })
      }
    }
  }
}

function describeProof(proof: Proof): string {
  const lines: [string, number | string][] = [
    ['accepted', proof.accepted],
    ['in the report', proof.reported],
    ['lost', proof.lost],
    ['doubled', proof.doubled],
    ['refused', proof.refused],
    ['refused, but there', proof.refused_but_present],
    ['outcome unknown', proof.unknown],
    ['unknown, but there', proof.unknown_landed],
    ['of unpublished days', proof.unpublished],
    ['hours that differ', proof.mismatched_hours],
    ...Object.entries(proof.audit.events).map(([stage, events]): [string, number] => [`events at ${stage}`, events]),
    [
      'proof',
      proof.sent === 0 ? `${proof.verdict}: the stages balance; no ledger, so nothing to settle` : proof.verdict,
    ],
  ]
  const differing = proof.audit.mismatches.slice(0, 20).map(({ from, to, day, hour, events = [] }) => {
    const named = events.slice(0, 3).map(({ eid, fault }) => `${eid} ${fault}`)
    return `  ${day} ${hour}:00 UTC: ${from} and ${to} differ ${named.join(', ')}\n`
  })
  const faults = proof.audit.faults.map(({ stage, what }) => `  ${stage}: ${what}\n`)
  return (
    lines
      .map(([what, value]) => `${what.padEnd(20)} ${typeof value === 'number' ? formatCount(value) : value}\n`)
      .join('') + [...differing, ...faults].join('')
  )
}
