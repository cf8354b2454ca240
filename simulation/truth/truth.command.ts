/** `musicbox truth`: what the events of a history were made from, as files. */
import type { Command } from 'commander'
import { command } from '../../datasets/command.ts'
import { type Host, printJson, progress } from '../../datasets/host.ts'
import { chosenHistory, type HistoryOptions, withHistoryOptions } from './chosen-history.ts'
import { writeTruth } from './write-truth.ts'

interface TruthCommandOptions extends HistoryOptions {
  out: string
  causes?: boolean
  json?: boolean
}

export function truthCommand(host: Host): Command {
  return withHistoryOptions(command('truth', 'write what a history was made from: interest, listeners, shocks, knobs'))
    .requiredOption('--out <folder>', 'where to write it')
    .option('--causes', 'also the cause of every event, and the feeling of every comment')
    .action(async (options: TruthCommandOptions) => {
      const { world, firstDay, lastDay } = await chosenHistory(options)
      const files: string[] = []
      using bar = progress(host, { label: 'truth', total: options.causes ? 6 : 5, unit: 'files' })
      await writeTruth(world, { firstDay, lastDay }, options.out, host.signal, {
        causes: options.causes ?? false,
        onFile: (name) => {
          files.push(name)
          bar.advance(1)
        },
      })
      files.push('shocks.json', 'knobs.json', 'hazards.json', 'README.md')
      if (options.json) return printJson(host, { out: options.out, first_day: firstDay, last_day: lastDay, files })
      host.stdout.write(`${files.length} files in ${options.out}: ${files.join(', ')}\n`)
    })
}
