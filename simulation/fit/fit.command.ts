/** `musicbox fit`: an own log in; the knobs of a world that is like it, and a scenario of its synthetic twin, out. */
import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { createGunzip } from 'node:zlib'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { command, wholeNumber } from '../../datasets/command.ts'
import { EVENT_KINDS } from '../../datasets/event-kind.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { formatCount, type Host, printJson, progress } from '../../datasets/host.ts'
import { type Fit, fit, type LoggedEvent } from './fit.ts'

interface FitCommandOptions {
  out?: string
  songs?: number
  seed?: string
  json?: boolean
}

export function fitCommand(host: Host): Command {
  return command('fit', 'fit a world to a log, and describe a synthetic twin that copies none of it', { data: false })
    .argument('<log>', 'JSON lines of events, .gz when compressed')
    .option('--out <file>', 'write the scenario of the synthetic twin there')
    .option('--songs <count>', 'songs in the catalogue of the log, when it is known', wholeNumber(1, 10_000_000))
    .option('--seed <text>', 'seed of the synthetic twin (default: from the log)')
    .action(async (path: string, { out, songs, seed, json }: FitCommandOptions) => {
      const read = { lines: 0, rejected: 0 }
      using bar = progress(host, { label: 'fit', unit: 'events' })
      const result = await fit(
        loggedEvents(path, read, () => bar.advance(1)),
        {
          ...(songs === undefined ? {} : { catalogue: { songs } }),
          ...(seed === undefined ? {} : { seed }),
          signal: host.signal,
        },
      )
      bar.done()
      if (out !== undefined) await writeFile(out, `${JSON.stringify(result.scenario, null, 2)}\n`)
      if (json) printJson(host, { ...read, ...result })
      else host.stdout.write(tableOf(result, read.rejected, out))
    })
}

/** Lines that are no events are counted and passed over. @throws MusicboxError `not.found`, `data.corrupt` */
async function* loggedEvents(
  path: string,
  read: { lines: number; rejected: number },
  onEvent: () => void,
): AsyncGenerator<LoggedEvent> {
  const file = createReadStream(path)
  const input: Readable = path.endsWith('.gz') ? file.pipe(createGunzip()) : file
  // A pipe does not hand on the failure of what is read.
  file.on('error', (error) => input.destroy(error))
  try {
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      if (line.trim() === '') continue
      read.lines++
      const event = eventIn(line)
      if (event === undefined) {
        read.rejected++
        continue
      }
      onEvent()
      yield event
    }
  } catch (cause) {
    if (!(cause instanceof Error) || cause instanceof MusicboxError || !('code' in cause)) throw cause
    const code = cause.code === 'ENOENT' ? 'not.found' : 'data.corrupt'
    throw new MusicboxError(code, `expected a log in ${path}: ${cause.message}`, '', { cause })
  }
}

function eventIn(line: string): LoggedEvent | undefined {
  let event: Partial<LoggedEvent> | null
  try {
    event = JSON.parse(line)
  } catch {
    return undefined
  }
  const isEvent =
    event !== null &&
    typeof event === 'object' &&
    Number.isFinite(event.ts) &&
    typeof event.uid === 'string' &&
    typeof event.session === 'string' &&
    EVENT_KINDS.includes(event.event as LoggedEvent['event'])
  return isEvent ? (event as LoggedEvent) : undefined
}

function tableOf({ events, log, knobs, goodness, copies, scenario }: Fit, rejected: number, out?: string): string {
  const table = new Table({
    head: ['parameter', 'log', 'twin', 'statistic', 'value', 'band', 'verdict'],
    colAligns: ['left', 'right', 'right', 'left', 'right', 'left', 'left'],
    style: { head: [], border: [] },
    chars: { mid: '', 'left-mid': '', 'mid-mid': '', 'right-mid': '' },
  })
  for (const { parameter, log: of, twin, statistic, value, band, verdict } of goodness) {
    table.push([parameter, digits(of), digits(twin), statistic, digits(value), band, verdict])
  }
  const turned = Object.entries(knobs).map(([knob, value]) => `${knob} ${value === null ? 'not seen' : digits(value)}`)
  const skipped = rejected > 0 ? `, ${formatCount(rejected)} lines passed over` : ''
  const { sessions, sessions_copied, uids_shared } = copies
  return (
    `${formatCount(events)} events of ${formatCount(log.users)} listeners over ${log.days} days${skipped}\n` +
    `${turned.join(', ')}\n${table.toString()}\n` +
    `synthetic twin: ${formatCount(sessions)} sessions, ${sessions_copied} of the log's, ${uids_shared} listeners' ids of the log's` +
    `${out === undefined ? `; seed "${scenario.seed}"` : `; scenario written to ${out}`}\n`
  )
}

function digits(value: number | null): string {
  return value === null ? '–' : String(Number(value.toPrecision(4)))
}
