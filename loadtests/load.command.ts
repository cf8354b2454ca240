/** `musicbox load`: simulated listeners against a running event server. */
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Command } from 'commander'
import { command, durationOption, endWith, wholeNumber } from '../datasets/command.ts'
import { addDays, DAY_MS, dayOf, dayStartMs } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import { formatCount, type Host, printJson, progress } from '../datasets/host.ts'
import { readWorldFile, type WorldFile } from '../simulation/world-file.ts'
import { type RunResult, runScript } from './runner.ts'

const LISTENERS_SCRIPT = fileURLToPath(new URL('./scripts/listeners.ts', import.meta.url))

export interface LoadOptions {
  data: string
  listeners: number
  /** Milliseconds. */
  duration: number
  speed: number
  eventApi: string
  run?: string
  /** Day that the listeners live through. */
  day?: string
}

export function loadCommand(host: Host): Command {
  return command('load', 'let simulated listeners use a running event server')
    .argument('[script]', 'a k6 script in the portable dialect (default: the listeners)')
    .option('--listeners <count>', 'how many at once', wholeNumber(1, 1000), 200)
    .addOption(durationOption('--duration <duration>', 'how long', '30s'))
    .option('--speed <factor>', 'simulated seconds in a second', wholeNumber(1, 100_000), 400)
    .option('--event-api <url>', 'where the event server is', 'http://127.0.0.1:8080')
    .option('--day <day>', 'day that the listeners live through (default: yesterday)')
    .option('--run <label>', 'equal labels send equal events (default: a new one each time)')
    .action(async (script: string | undefined, options: LoadOptions & { json?: boolean }, self: Command) => {
      const world = await readWorldFile(options.data)
      if (world === undefined) {
        throw new MusicboxError(
          'not.found',
          `expected ${options.data} to hold a history whose listeners and songs the load can use`,
          'make one with: npm run -s musicbox -- simulate',
        )
      }
      const result = await runLoad(host, world, options, script, options.json ? undefined : host.stdout)
      if (options.json) printJson(host, result)
      else host.stdout.write(describeLoad(result))
      endWith(self, result.exitCode)
    })
}

/** Runs the listeners (or another script) in the world of a history, with a ledger in its data folder. */
export async function runLoad(
  host: Host,
  { world }: WorldFile,
  options: LoadOptions,
  script = LISTENERS_SCRIPT,
  summary?: Host['stdout'],
): Promise<RunResult> {
  expectWithinDay(options)
  await expectReady(options.eventApi)
  const run = options.run ?? randomBytes(6).toString('hex')
  const ledgers = join(options.data, 'ledgers')
  await mkdir(ledgers, { recursive: true })
  using bar = progress(host, { label: 'load', total: options.duration / 1000, unit: 'seconds' })
  return await runScript({
    script,
    env: {
      EVENT_API: options.eventApi,
      LISTENERS: String(options.listeners),
      DURATION: `${options.duration}ms`,
      SPEED: String(options.speed),
      START_MS: String(dayStartMs(options.day ?? addDays(dayOf(host.now()), -1))),
      RUN: run,
      WORLD: JSON.stringify(world),
    },
    out: { ledger: join(ledgers, `${run}.ndjson`) },
    log: (level, line) => void host.stderr.write(`${level}: ${line}\n`),
    ...(summary === undefined ? {} : { stdout: summary }),
    isTerminal: host.isTerminal,
    signal: host.signal,
    onProgress: ({ elapsed_ms }) => bar.set(Math.min(options.duration, elapsed_ms) / 1000),
  })
}

/** The listeners live through one day, so that the day can be published when it is over. */
function expectWithinDay({ duration, speed }: LoadOptions): void {
  const seconds_max = Math.floor(DAY_MS / speed / 1000)
  if (duration <= seconds_max * 1000) return
  throw new MusicboxError(
    'input.invalid',
    `expected the duration times the speed to be a day at most, which at ${speed}× is ${seconds_max}s`,
    'use a shorter --duration or a lower --speed',
  )
}

/** How long a server that is just starting is waited for. */
const READY_WITHIN_MS = 5000

/** Better one sentence now than thousands of refused connections. @throws MusicboxError `backend.unreachable` */
async function expectReady(eventApi: string): Promise<void> {
  const deadline = AbortSignal.timeout(READY_WITHIN_MS)
  let status: number | string = ''
  while (!deadline.aborted) {
    status = await fetch(`${eventApi}/health/ready`, { signal: deadline }).then(
      (answer) => answer.status,
      () => 'no answer',
    )
    if (status === 200) return
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new MusicboxError(
    'backend.unreachable',
    `expected a ready event server at ${eventApi}, got ${status}`,
    'start one with: npm run -s musicbox -- serve',
  )
}

function describeLoad({ fates, generator, ledger, traffic }: RunResult): string {
  return [
    `events      ${Object.entries(fates)
      .map(([fate, count]) => `${formatCount(count)} ${fate}`)
      .join(', ')}`,
    `generator   ${generator.verdict}${generator.reasons.map((reason) => `\n            ${reason}`).join('')}`,
    `ledger      ${ledger ?? 'none'}`,
    `traffic     ${traffic.digest}`,
    '',
  ].join('\n')
}
