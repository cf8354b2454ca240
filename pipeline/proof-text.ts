/** A proof for people. */
import { formatCount } from '../datasets/host.ts'
import type { Finding } from './settlement.ts'
import type { Proof } from './verify.command.ts'

/** Findings and mismatches shown; `--json` has more. */
const SHOWN_MAX = 20

export function describeProof(proof: Proof): string {
  const lines: [string, number | string][] = [
    ['accepted', proof.accepted],
    ['in the report', proof.reported],
    ['lost', proof.lost],
    ...(proof.pending > 0 ? [['not there yet', proof.pending] as [string, number]] : []),
    ['doubled', proof.doubled],
    ['altered', proof.altered],
    ['content compared', proof.content_checked],
    ['refused', proof.refused],
    ['refused, but there', proof.refused_but_present],
    ['outcome unknown', proof.unknown],
    ['unknown, but there', proof.unknown_landed],
    ['of unpublished days', proof.unpublished],
    ['hours that differ', proof.mismatched_hours],
    ...Object.entries(proof.audit.events).map(([stage, events]): [string, number] => [`events at ${stage}`, events]),
    ['proof', verdictOf(proof)],
  ]
  const counts = lines.map(([what, value]) => {
    return `${what.padEnd(20)} ${typeof value === 'number' ? formatCount(value) : value}\n`
  })
  const differing = proof.audit.mismatches.slice(0, SHOWN_MAX).map(({ from, to, day, hour, events = [] }) => {
    const named = events.slice(0, 3).map(({ eid, fault }) => `${eid} ${fault}`)
    return `  ${day} ${hour}:00 UTC: ${from} and ${to} differ ${named.join(', ')}\n`
  })
  const faults = proof.audit.faults.map(({ stage, what }) => `  ${stage}: ${what}\n`)
  const cut = proof.cut_ledgers.map((path) => `  ${path}: the last line was not finished and says nothing\n`)
  return [...counts, ...foundTable(proof), ...differing, ...faults, ...cut].join('')
}

function verdictOf({ verdict, sent, pending }: Proof): string {
  if (sent === 0 && verdict !== 'FAILED') return `${verdict}: the stages balance; no ledger, so nothing to settle`
  if (verdict === 'OPEN' && pending > 0) {
    return `${verdict}: some events came after their day was published; run \`musicbox collect\` and \`musicbox aggregate\``
  }
  return verdict
}

function foundTable({ found, found_total }: Proof): string[] {
  if (found.length === 0) return []
  const rows = found.slice(0, SHOWN_MAX).map(({ day, hour, fault, stage, fate, eid, events }: Finding) => {
    const what = eid ?? `${formatCount(events)} of its count`
    return [`${day} ${hour}:00`, fault.replaceAll('_', ' '), stage, fate ?? '-', what]
  })
  const table = [['hour (UTC)', 'fault', 'first at', 'fate', 'event'], ...rows]
  const widths = table[0]!.map((_, column) => Math.max(...table.map((row) => row[column]!.length)))
  const lines = table.map(
    (row) =>
      `  ${row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd()}\n`,
  )
  const more = found_total - rows.length
  return more > 0 ? [...lines, `  and ${formatCount(more)} more\n`] : lines
}
