/** The file of questions and answers that scripts which read reports are given. */
import { mkdir, rename, writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Day } from '../datasets/day.ts'
import { MusicboxError } from '../datasets/failure.ts'
import type { WorldFile } from '../simulation/world-file.ts'
import { answerOracle } from './answer-oracle.ts'

const ASKED_WITHIN_MS = 10_000

/**
 * Makes the questions that this history and this report server have answers to. The server is asked for nothing but the
 * day that its named periods end at.
 * @returns the absolute path
 * @throws MusicboxError `backend.unreachable` when the report server does not say, `interrupted` on the signal
 */
export async function writeOracle(
  path: string,
  { world, lastDay }: WorldFile,
  { reportApi, signal }: { reportApi: string; signal: AbortSignal },
): Promise<string> {
  const asOf = await lastReportedDay(reportApi)
  const questions = await answerOracle({ world, firstDay: world.firstDay, lastDay }, { asOf, workers: 2, signal })
  await mkdir(dirname(path), { recursive: true })
  await writeFile(`${path}.tmp`, JSON.stringify(questions))
  await rename(`${path}.tmp`, path)
  return resolve(path)
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
