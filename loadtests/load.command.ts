/** `musicbox load`: a script against the running system, in the embedded engine or in k6. */
import { randomBytes } from 'node:crypto'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import Table from 'cli-table3'
import type { Command } from 'commander'
import { command, endWith } from '../datasets/command.ts'
import { FAILURES, MusicboxError } from '../datasets/failure.ts'
import { type Host, printJson } from '../datasets/host.ts'
import { readWorldFile, type WorldFile } from '../simulation/world-file.ts'
import { chooseEngine, runInEngine } from './load/choose-engine.ts'
import { describeLoad, loadJson } from './load/describe-load.ts'
import { type LoadOptions, withLoadOptions } from './load/load-options.ts'
import { expectReady } from './load/ready.ts'
import { chooseScript, expectWithinDay, readsReports, sendsEvents, settingsOf } from './load/script-settings.ts'
import { serversOf } from './load/servers.ts'
import { describeShipped, SHIPPED } from './load/shipped-scripts.ts'
import { oracleFile } from './oracle/oracle-file.ts'
import type { RunResult } from './run-result.ts'

type LoadFlags = LoadOptions & { json?: boolean; list?: boolean }

export function loadCommand(host: Host): Command {
  const made = command('load', 'load the running system with simulated listeners and report readers')
    .argument('[script]', `${SHIPPED.join(', ')}, or the path of a k6 script in the portable dialect`, 'listeners')
    .option('--list', 'say what each script is for and which settings it takes')
  return withLoadOptions(made).action(async (named: string, flags: LoadFlags, self: Command) => {
    if (flags.list) return await listScripts(host, flags)
    const world = await readWorldFile(flags.data)
    const result = await runLoad(host, world, flags, named, flags.json ? undefined : host.stdout)
    if (flags.json) printJson(host, loadJson(result))
    else host.stdout.write(describeLoad(result))
    endWith(self, result.exitCode || (unfit(result) && !flags.allowInvalid ? FAILURES['run.invalid'].exit : 0))
  })
}

/** Thresholds that hold say nothing when they were held against the generator's own delays. */
function unfit({ generator }: RunResult): boolean {
  return generator.verdict === 'INVALID'
}

/**
 * Runs a script in the world of a history, with a ledger in its data folder.
 * @param named   name or path of the script
 * @param summary gets the summary as text
 */
export async function runLoad(
  host: Host,
  history: WorldFile | undefined,
  options: LoadOptions,
  named = 'listeners',
  summary?: Host['stdout'],
): Promise<RunResult> {
  const script = await chooseScript(named)
  if ('name' in script && history === undefined) throw noHistory(options.data)
  expectWithinDay(script, options)
  const servers = await serversOf(options)
  if (sendsEvents(script)) await expectReady('event', servers.eventApi)
  let oracle: string | undefined
  if (readsReports(script) && history !== undefined) {
    await expectReady('report', servers.reportApi)
    oracle = await oracleFile(host, options.data, history, servers.reportApi)
  }
  const run = options.run ?? randomBytes(6).toString('hex')
  const env = settingsOf(script, options, { run, world: history?.world, now_ms: host.now(), oracle, servers })
  const ledgers = join(options.data, 'ledgers')
  if (history !== undefined) await mkdir(ledgers, { recursive: true })
  return await runInEngine(host, await chooseEngine(host, options), options, {
    script: script.path,
    env,
    run,
    ...(history !== undefined && { ledger: join(ledgers, `${run}.ndjson`) }),
    ...(history !== undefined && { seed: history.seed }),
    // A script of ours reads its own settings; one of the user's is told by k6's options.
    ...(!('name' in script) && { vus: options.vus, duration_ms: options.duration }),
    ...(summary && { summary }),
  })
}

function noHistory(data: string): MusicboxError {
  return new MusicboxError(
    'not.found',
    `expected ${data} to hold a history whose listeners and songs the load can use`,
    'make one with: npm run -s musicbox -- simulate',
  )
}

async function listScripts(host: Host, { json }: LoadFlags): Promise<void> {
  const scripts = await Promise.all(SHIPPED.map(describeShipped))
  if (json) return printJson(host, { scripts })
  const table = new Table({
    head: ['script', 'what it is for', 'takes'],
    colWidths: [13, 62, 34],
    wordWrap: true,
    style: { head: [], border: [], compact: false },
  })
  for (const { name, purpose, settings } of scripts) {
    table.push([name, purpose, settings.map((setting) => `--${setting.toLowerCase()}`).join(' ')])
  }
  host.stdout.write(`${table.toString()}\n`)
}
