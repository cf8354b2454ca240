/** `musicbox dump`: the stores as text, or as digests that two runs can be compared by. */
import { type Command, Option } from 'commander'
import { command, type StoreChoice } from '../datasets/command.ts'
import { type Host, printJson } from '../datasets/host.ts'
import { TABLE_NAMES } from '../datasets/tables.ts'
import { openBackend } from './backend.ts'
import { dumpDigest, dumpRows } from './dump.ts'

export function dumpCommand(host: Host): Command {
  return command('dump', 'print the report tables as JSON lines, or their digests', { stores: true })
    .option('--digest', 'print SHA-256 digests of the raw events and of each table instead')
    .addOption(new Option('--table <name>', 'only this table').choices(TABLE_NAMES))
    .action(async (options: StoreChoice & { json?: boolean; digest?: boolean; table?: string }) => {
      const backend = openBackend(options)
      try {
        const tables = await backend.tables()
        if (options.digest) {
          const result = await dumpDigest({ raw: await backend.raw(), tables })
          if (options.json) return printJson(host, result)
          host.stdout.write(`raw ${result.raw.sha256} ${result.raw.events} events\n`)
          for (const [name, table] of Object.entries(result.tables)) {
            host.stdout.write(`${name} ${table.sha256} ${table.rows} rows\n`)
          }
          host.stdout.write(`all ${result.digest}\n`)
          return
        }
        const names = TABLE_NAMES.filter((name) => options.table === undefined || name === options.table)
        for (const table of names) {
          for await (const row of dumpRows(tables, table)) host.stdout.write(`${JSON.stringify({ table, ...row })}\n`)
        }
      } finally {
        await backend.close()
      }
    })
}
