/** The file of questions and answers that scripts which read reports are given. */
import { access, mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { contentSum } from '../../datasets/content-sum.ts'
import type { Day } from '../../datasets/day.ts'
import { MusicboxError } from '../../datasets/failure.ts'
import { formatCount, formatDuration, type Host } from '../../datasets/host.ts'
import type { WorldFile } from '../../simulation/world-file.ts'
import { answerOracle } from './answer-oracle.ts'

/** Another one for other questions: files of before are then not used again. */
const ORACLE_VERSION = 1
const ASKED_WITHIN_MS = 10_000

/**
 * The questions that this history and this report server have answers to, in a file of the data folder. To count a long
 * history takes a while, so the file of the same history and the same last day is used again. The server is asked for
 * nothing but the day that its named periods end at.
 * @returns the absolute path
 * @throws MusicboxError `backend.unreachable` when the report server does not say, `interrupted` on the signal
 */
export async function oracleFile(
  host: Host,
  dataFolder: string,
  { world, lastDay }: WorldFile,
  reportApi: string,
): Promise<string> {
  const asOf = await lastReportedDay(reportApi)
  const name = contentSum(JSON.stringify({ ORACLE_VERSION, world, lastDay, asOf }))
  const path = resolve(join(dataFolder, 'oracles', `${name}.json`))
  if (await isThere(path)) return path
  const started_ms = host.now()
  const questions = await answerOracle(
    { world, firstDay: world.firstDay, lastDay },
    { asOf, workers: 2, signal: host.signal },
  )
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.tmp`, JSON.stringify(questions))
  await rename(`${path}.tmp`, path)
  if (!host.args.includes('--quiet')) {
    const took = formatDuration(host.now() - started_ms)
    host.stderr.write(`oracle: ${formatCount(questions.length)} questions with their answers in ${took}: ${path}\n`)
  }
  return path
}

async function isThere(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  )
}

/** The day that "yesterday" is for the report server: undefined when nothing is published. */
async function lastReportedDay(reportApi: string): Promise<Day | undefined> {
  const url = `${reportApi}/v1/reports/top/songs?period=yesterday&limit=1`
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(ASKED_WITHIN_MS) })
    const { meta } = (await answer.json()) as { meta: { to: Day; days_published: number } }
    return meta.days_published > 0 ? meta.to : undefined
  } catch (cause) {
    throw new MusicboxError(
      'backend.unreachable',
      `expected a report server at ${reportApi} to say which day it reports, got ${(cause as Error).message}`,
      'start one with: npm run -s musicbox -- serve',
      { cause },
    )
  }
}
