/** `musicbox aggregate`: what the nightly job runs. */
import type { Command } from 'commander'
import { command, type StoreChoice } from '../datasets/command.ts'
import { addDays, dayOf, parseDay } from '../datasets/day.ts'
import { formatCount, type Host, printJson, progress } from '../datasets/host.ts'
import { openBackend } from './backend.ts'
import { runNight } from './night-job.ts'

export function aggregateCommand(host: Host): Command {
  return command('aggregate', 'aggregate raw files into the report tables, day by day', { stores: true })
    .option('--through <day>', 'last day to publish (default: yesterday, since today is not over)')
    .action(async (options: StoreChoice & { json?: boolean; through?: string }) => {
      const through =
        options.through === undefined ? addDays(dayOf(host.now()), -1) : parseDay(options.through, '--through')
      const backend = openBackend(options)
      try {
        const bar = progress(host, { label: 'aggregate', unit: 'days' })
        const result = await runNight(
          { raw: await backend.raw(), warehouse: await backend.warehouse(), tables: await backend.tables() },
          { through, signal: host.signal, onProgress: (days, total) => bar.set(days, total) },
        )
        bar.done()
        if (options.json) return printJson(host, result)
        const built = result.days.filter((day) => day.outcome === 'built')
        host.stdout.write(
          `${formatCount(built.length)} days built, ${formatCount(result.days.length - built.length)} unchanged, ` +
            `${formatCount(result.rows)} rows published, through ${through}\n`,
        )
      } finally {
        await backend.close()
      }
    })
}
