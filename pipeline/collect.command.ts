/** `musicbox collect`: what the hourly job runs. */
import type { Command } from 'commander'
import { command, type StoreChoice, wholeNumber } from '../datasets/command.ts'
import { formatCount, type Host, printJson, progress } from '../datasets/host.ts'
import { openBackend } from './backend.ts'
import { collect } from './collector.ts'

export function collectCommand(host: Host): Command {
  return command('collect', 'move new events from the log into raw files', { stores: true })
    .option('--batch <events>', 'most events per commit', wholeNumber(1, 10_000_000))
    .action(async (options: StoreChoice & { json?: boolean; batch?: number }) => {
      const backend = openBackend(options)
      try {
        const bar = progress(host, { label: 'collect', unit: 'events' })
        const result = await collect({
          log: await backend.log(),
          raw: await backend.raw(),
          clock: host.now,
          signal: host.signal,
          onProgress: (events) => bar.set(events),
          ...(options.batch === undefined ? {} : { maxBatchEvents: options.batch }),
        })
        bar.done()
        if (options.json) return printJson(host, result)
        host.stdout.write(`${formatCount(result.events)} events in ${formatCount(result.files)} new raw files\n`)
        if (result.rejects > 0)
          host.stdout.write(`${formatCount(result.rejects)} log records are no event: see _rejects/\n`)
      } finally {
        await backend.close()
      }
    })
}
