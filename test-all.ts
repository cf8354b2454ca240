/**
 * All tests, in two parts: those that need nothing but this machine, then those of the real cluster, which is started for them
 * where Java and Maven are there, and stopped after them. Ends with one line `N passed, N failed`.
 *
 * The parts follow each other, because tests that measure a load generator need the processor for themselves.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { globSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { FAILURES } from './datasets/failure.ts'

interface Totals {
  passed: number
  failed: number
  skipped: number
}

const scratch = mkdtempSync(join(tmpdir(), 'musicbox-test-'))
let running: ChildProcess | undefined
let stopped = false
// This process waits for its child and cleans up.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    stopped = true
    running?.kill(signal)
  })
}

try {
  const files = globSync([
    '{datasets,simulation,pipeline,api,loadtests,observability}/**/*.test.ts',
    '*.test.ts',
  ]).sort()
  const ofCluster = files.filter((file) => /\.cluster(\.e2e)?\.test\.ts$/.test(file))
  const alone = files.filter((file) => !ofCluster.includes(file))

  const first = await runTests(alone, { concurrency: 2, minutes: 10 })
  const second = stopped
    ? { passed: 0, failed: 0, skipped: 0 }
    : await withCluster((env) => runTests(ofCluster, { concurrency: 1, minutes: 20, env }))
  const [passed, failed, skipped] = (['passed', 'failed', 'skipped'] as const).map((key) => first[key] + second[key])
  console.log(`\nin all:\n${passed} passed, ${failed} failed${skipped! > 0 ? `, ${skipped} skipped` : ''}`)
  process.exitCode = stopped ? FAILURES.interrupted.exit : failed! > 0 ? 1 : 0
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** Runs test files in processes of their own; prints what `test-report.ts` makes of them. */
async function runTests(
  files: readonly string[],
  { concurrency, minutes, env = {} }: { concurrency: number; minutes: number; env?: NodeJS.ProcessEnv },
): Promise<Totals> {
  const totals = join(scratch, 'totals.json')
  rmSync(totals, { force: true })
  const options = [
    `--test-concurrency=${concurrency}`,
    `--test-timeout=${minutes * 60_000}`,
    '--test-reporter=./test-report.ts',
  ]
  running = spawn(process.execPath, ['--test', ...options, ...files], {
    stdio: 'inherit',
    env: { ...process.env, ...env, MUSICBOX_TEST_TOTALS: totals },
  })
  await once(running, 'exit')
  try {
    return JSON.parse(readFileSync(totals, 'utf8')) as Totals
  } catch {
    console.error('the test run ended before its report')
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

/** Starts a cluster for the tests, unless one is given or this machine cannot; stops it after them. */
async function withCluster(work: (env: NodeJS.ProcessEnv) => Promise<Totals>): Promise<Totals> {
  if (process.env['MUSICBOX_TEST_CLUSTER'] || !hasProgram('java', '-version') || !hasProgram('mvn', '-version')) {
    return await work({})
  }
  const data = join(scratch, 'data')
  // Beside a cluster that the user may have running on the usual ports, and below the system's own range.
  const basePort = 20_000 + 1000 * Math.floor(Math.random() * 11)
  console.log('\nStarting Kafka, HDFS, HBase and Hive for the tests of the cluster ...')
  if ((await musicbox('cluster', 'up', '--data', data, '--base-port', String(basePort))) !== 0) {
    return { passed: 0, failed: 1, skipped: 0 }
  }
  try {
    // Stopped while it started: nothing is left to do but to end it again.
    if (stopped) return { passed: 0, failed: 0, skipped: 0 }
    return await work({ MUSICBOX_TEST_CLUSTER: join(data, 'cluster', 'cluster.json') })
  } finally {
    await musicbox('cluster', 'down', '--data', data)
  }
}

async function musicbox(...args: string[]): Promise<number | null> {
  running = spawn(process.execPath, ['musicbox.ts', ...args], { stdio: 'inherit' })
  const [code] = (await once(running, 'exit')) as [number | null]
  return code
}

function hasProgram(name: string, ...args: string[]): boolean {
  return spawnSync(name, args, { stdio: 'ignore' }).status === 0
}
