/** What a script does around its iterations: setup before, teardown after, handleSummary last. */
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type FailureCode, MusicboxError } from '../../datasets/failure.ts'
import type { SummaryData } from '../summary/summary.ts'
import type { Script } from './bundle.ts'
import { type Env, scriptFailure, standalone } from './instances.ts'
import type { Run } from './vu.ts'

type Name = 'setup' | 'teardown' | 'handleSummary'

const LATE: Readonly<Record<Name, FailureCode>> = {
  setup: 'setup.timeout',
  teardown: 'teardown.timeout',
  handleSummary: 'summary.timeout',
}
const REMEDY: Readonly<Record<Name, string>> = {
  setup: 'Give it more time with the option setupTimeout.',
  teardown: 'Give it more time with the option teardownTimeout.',
  handleSummary: 'Give it more time with the option handleSummaryTimeout.',
}

/**
 * Runs `setup()`, if there is one.
 * @returns what it gave, as JSON: what JSON cannot say is lost, and each user gets a copy of its own
 * @throws MusicboxError `script.failed` when it throws or takes too long
 */
export async function setUp(script: Script, run: Run, env: Env): Promise<string | undefined> {
  const result = await call(script, run, env, 'setup', run.options.setupTimeout_ms, [])
  return result === undefined ? undefined : JSON.stringify(result)
}

/** Runs `teardown(data)`, if there is one. @throws MusicboxError `script.failed` */
export async function tearDown(script: Script, run: Run, env: Env, data: string | undefined): Promise<void> {
  await call(script, run, env, 'teardown', run.options.teardownTimeout_ms, [copyOf(data)])
}

/**
 * Runs `handleSummary(data)`, if there is one, and writes the files it names.
 * @returns what it says for standard output and error, or nothing when the script leaves the summary to the engine
 */
export async function handleSummary(
  script: Script,
  run: Run,
  env: Env,
  data: SummaryData,
): Promise<{ stdout: string; stderr: string } | undefined> {
  const result = await call(script, run, env, 'handleSummary', run.options.handleSummaryTimeout_ms, [
    JSON.parse(JSON.stringify(data)),
  ])
  if (result === undefined || result === null) return undefined
  const { stdout = '', stderr = '', ...files } = result as Record<string, string>
  for (const [path, content] of Object.entries(files)) {
    await mkdir(dirname(path), { recursive: true })
    await writeFile(path, content)
  }
  return { stdout, stderr }
}

/** A fresh copy of the setup data. */
export function copyOf(data: string | undefined): unknown {
  return data === undefined ? undefined : JSON.parse(data)
}

async function call(
  script: Script,
  run: Run,
  env: Env,
  name: Name,
  timeout_ms: number,
  args: unknown[],
): Promise<unknown> {
  const { vu, exports } = standalone(script, run, env)
  const body = exports[name]
  if (typeof body !== 'function') return undefined
  vu.group = name === 'handleSummary' ? '' : `::${name}`
  let result: unknown
  const errors: unknown[] = []
  const work = vu.loop.run(
    async () => {
      result = await body(...args)
    },
    (error) => errors.push(error),
  )
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(() => resolve('late'), timeout_ms)
  })
  const ended = await Promise.race([work, late])
  clearTimeout(timer)
  vu.interrupt()
  if (ended === 'late') {
    throw new MusicboxError(
      LATE[name],
      `expected ${name}() to end within ${timeout_ms} ms, but it did not`,
      REMEDY[name],
    )
  }
  if (errors.length > 0) throw scriptFailure(script, `in ${name}()`, errors[0])
  return result
}
