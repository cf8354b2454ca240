/** The command line: one line a command. What a command does stands in its room. */
import { realpathSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Command } from 'commander'
import { serveCommand } from './api/serve.command.ts'
import { benchCommand } from './bench.ts'
import { runCommands } from './datasets/command.ts'
import { FAILURES } from './datasets/failure.ts'
import type { Host } from './datasets/host.ts'
import { demoCommand } from './demo.ts'
import { faultsCommand } from './faults.ts'
import { capacityCommand } from './loadtests/capacity.command.ts'
import { compareCommand } from './loadtests/compare.command.ts'
import { loadCommand } from './loadtests/load.command.ts'
import { parityCommand } from './loadtests/parity.command.ts'
import { reportCommand } from './loadtests/report.command.ts'
import { aggregateCommand } from './pipeline/aggregate.command.ts'
import { clusterCommand } from './pipeline/cluster/cluster.command.ts'
import { collectCommand } from './pipeline/collect.command.ts'
import { dumpCommand } from './pipeline/dump.command.ts'
import { importCommand } from './pipeline/import.command.ts'
import { loadInto } from './pipeline/load-history.ts'
import { planCommand } from './pipeline/plan.command.ts'
import { verifyCommand } from './pipeline/verify.command.ts'
import { expectCommand } from './simulation/expect/expect.command.ts'
import { fitCommand } from './simulation/fit/fit.command.ts'
import { scenarioCommand } from './simulation/scenario/scenario.command.ts'
import { scoreCommand } from './simulation/score/score.command.ts'
import { scorecardCommand } from './simulation/scorecard/scorecard.command.ts'
import { exportCommand } from './simulation/shapes/export.command.ts'
import { simulateCommand } from './simulation/simulate.command.ts'
import { truthCommand } from './simulation/truth/truth.command.ts'
import { twinCommand } from './simulation/twin/twin.command.ts'

const PROGRAM = fileURLToPath(import.meta.url)

/** Runs one command line. @returns the exit number for the shell */
export function musicbox(host: Host): Promise<number> {
  const program = new Command('musicbox')
    .description('Load-testing and simulation harness around a music-streaming back end.')
    .helpOption('-h, --help', 'show this help')
    .addHelpText('after', exitCodes())
    .addCommand(simulateCommand(host, loadInto))
    .addCommand(scenarioCommand(host))
    .addCommand(exportCommand(host))
    .addCommand(truthCommand(host))
    .addCommand(expectCommand(host))
    .addCommand(twinCommand(host))
    .addCommand(fitCommand(host))
    .addCommand(scoreCommand(host))
    .addCommand(scorecardCommand(host))
    .addCommand(importCommand(host))
    .addCommand(serveCommand(host, PROGRAM))
    .addCommand(clusterCommand(host, PROGRAM))
    .addCommand(collectCommand(host))
    .addCommand(aggregateCommand(host))
    .addCommand(loadCommand(host))
    .addCommand(parityCommand(host))
    .addCommand(capacityCommand(host))
    .addCommand(compareCommand(host))
    .addCommand(reportCommand(host))
    .addCommand(verifyCommand(host))
    .addCommand(dumpCommand(host))
    .addCommand(faultsCommand(host, PROGRAM))
    .addCommand(planCommand(host))
    .addCommand(demoCommand(host, PROGRAM))
    .addCommand(benchCommand(host, PROGRAM))
  return runCommands(program, host)
}

function exitCodes(): string {
  const lines = Object.values(FAILURES).map(({ exit, meaning }) => `  ${String(exit).padStart(3)}  ${meaning}`)
  return `\nExit codes:\n    0  success\n${lines.join('\n')}\n`
}

/** The real world: this process. The first signal asks the work to stop; a second one ends it at once. */
function thisProcess(): Host {
  const abort = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (abort.signal.aborted) process.exit(FAILURES.interrupted.exit)
      abort.abort()
    })
  }
  // `musicbox dump | head` closes our output early, which is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error
    process.exit(0)
  })
  return {
    args: process.argv.slice(2),
    stdout: process.stdout,
    stderr: process.stderr,
    env: process.env,
    signal: abort.signal,
    isTerminal: process.stderr.isTTY === true,
    now: Date.now,
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === PROGRAM) {
  process.exitCode = await musicbox(thisProcess())
}
