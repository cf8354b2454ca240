/** `musicbox parity`: one script in both engines, against the same target, and the figures beside each other. */
import { randomBytes } from 'node:crypto'
import { rename } from 'node:fs/promises'
import Table from 'cli-table3'
import { type Command, InvalidArgumentError } from 'commander'
import { command, endWith } from '../datasets/command.ts'
import { FAILURES } from '../datasets/failure.ts'
import { type Host, printJson } from '../datasets/host.ts'
import { readWorldFile } from '../simulation/world-file.ts'
import { requireK6 } from './k6/k6-binary.ts'
import { compareEngines, PARITY_LIMITS, type ParityRow } from './k6/parity.ts'
import { loadJson } from './load/describe-load.ts'
import { type LoadOptions, withTrafficOptions } from './load/load-options.ts'
import { runLoad } from './load.command.ts'

type ParityFlags = LoadOptions & { json?: boolean; factor: number; apart: number }

export function parityCommand(host: Host): Command {
  const made = command('parity', 'run one script in the embedded engine and in k6, and show the differences').argument(
    '[script]',
    'name or path of the script, as musicbox load takes it',
    'listeners',
  )
  return withTrafficOptions(made)
    .option('--factor <number>', 'how many times as great a percentile may be', positive, PARITY_LIMITS.factor)
    .option('--apart <ms>', 'or how far apart they may be', positive, PARITY_LIMITS.apart_ms)
    .addHelpText('after', '\nBoth send the same events, so that those of the second run are answered "duplicate".')
    .addHelpText('after', '\nExit code 0 when the engines agree, 1 when they differ, 7 when there is no k6.')
    .action(async (script: string, flags: ParityFlags, self: Command) => {
      const binary = await requireK6(host.env)
      const world = await readWorldFile(flags.data)
      // Of one label, both send the same events, which their digests show; the server answers the second "duplicate".
      const run = flags.run ?? randomBytes(6).toString('hex')
      const embedded = await runLoad(host, world, { ...flags, engine: 'embedded', run }, script)
      const ledger = embedded.ledger
      if (ledger !== undefined) await rename(ledger, ledger.replace(/\.ndjson$/, '.embedded.ndjson'))
      const k6 = await runLoad(host, world, { ...flags, engine: 'k6', run }, script)
      const rows = compareEngines(embedded, k6, { factor: flags.factor, apart_ms: flags.apart })
      const agree = rows.every((row) => row.agree)
      if (flags.json) {
        printJson(host, { agree, k6_version: binary.version, rows, embedded: loadJson(embedded), k6: loadJson(k6) })
      } else {
        host.stdout.write(`${tableOf(rows, binary.version)}\n${agree ? 'The engines agree.' : 'The engines differ.'}\n`)
      }
      endWith(self, agree ? 0 : FAILURES['proof.failed'].exit)
    })
}

function positive(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('Expected a number above 0.')
}

function tableOf(rows: readonly ParityRow[], version: string): string {
  const table = new Table({
    head: ['', 'embedded', `k6 ${version}`, ''],
    colAligns: ['left', 'right', 'right', 'left'],
    style: { head: [], border: [], compact: true },
  })
  const shown = (value: number | string): string => (typeof value === 'number' ? String(round(value)) : value)
  for (const { figure, embedded, k6, rule, agree } of rows) {
    table.push([figure, shown(embedded), shown(k6), rule === 'shown' ? '' : agree ? '✓' : '✗ differ'])
  }
  return table.toString()
}

function round(value: number): number {
  return Number.isInteger(value) ? value : Number(value.toPrecision(4))
}
