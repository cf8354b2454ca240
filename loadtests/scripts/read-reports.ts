/**
 * What the readers of reports do: promoters follow the curves of their artists, accountants add up songs and albums over
 * periods, advertisers look at the charts and at the hours of a day. Every answer is held against the true one.
 */
import { check } from 'k6'
import { SharedArray } from 'k6/data'
import exec from 'k6/execution'
import http from 'k6/http'
import { Counter, Rate, Trend } from 'k6/metrics'
import { drawsAt } from '../../datasets/random.ts'
import { keyUnder } from '../../simulation/kernel/key-text.ts'
import { difference } from './difference.ts'
import { REPORT_API, RUN, text } from './settings.ts'
import { step } from './step.ts'
import { wakeAt } from './wake-at.ts'
import { WORLD } from './world.ts'

export const READERS = ['promoter', 'accountant', 'advertiser'] as const
export type Reader = (typeof READERS)[number]

/** A question to the report server, and what is known to be the answer: see loadtests/oracle/answer-oracle.ts. */
export interface Question {
  reader: Reader
  /** Names the kind of request in metrics. */
  name: string
  path: string
  /** The days that the answer must be about; when the server has moved on to other days, it cannot be judged. */
  meta?: { from: string; to: string }
  /** What the answer must hold; it may hold more. */
  answer: unknown
}

/** ORACLE is the file that `musicbox load` makes from the history before it starts a script that reads reports. */
const questions = new SharedArray('oracle', (): Question[] => {
  const path = text('ORACLE', '')
  if (path === '') throw new Error('expected ORACLE to name a file of questions and answers: musicbox load makes one')
  return JSON.parse(open(path)) as Question[]
})
/** Places of each reader's questions: an engine may make a question anew each time that it is looked at. */
const askedBy = Array.from({ length: questions.length }, (_, at) => questions[at]!.reader)
const byReader = READERS.map((reader) => Array.from(askedBy.keys()).filter((at) => askedBy[at] === reader))

/** Answers that are what the simulator knows to be true. */
const answersRight = new Rate('answers_right')
/** Answers about other days than those asked for, because a night job has published since. */
const answersMoved = new Counter('answers_moved')
const responseTime = new Trend('response_time', true)

/**
 * Reader `me` for so long, asking, thinking and asking again.
 * @param think_ms between two questions, on average: from half of it to one and a half
 */
export async function readReports(me: number, duration_ms: number, think_ms: number): Promise<void> {
  const draws = drawsAt(keyUnder(WORLD.key, `${RUN}:reader`), me % READERS.length, me)
  const mine = byReader[me % READERS.length]!
  const start = exec.scenario.startTime
  let planned_ms = draws.unit() * think_ms
  while (planned_ms < duration_ms) {
    const question = questions[mine[draws.below(mine.length)]!]!
    const due = Math.round(start + planned_ms)
    await wakeAt(due)
    await step(question.reader, () => ask(question, due))
    planned_ms += (0.5 + draws.unit()) * think_ms
  }
}

async function ask({ name, path, meta, answer }: Question, due: number): Promise<void> {
  const sent = Date.now()
  const response = await http.asyncRequest('GET', REPORT_API + path, null, { tags: { name }, timeout: '10s' })
  responseTime.add(Math.max(0, sent - due) + response.timings.blocked + response.timings.duration)
  if (!check(response, { 'report is given': ({ status }) => status === 200 })) return
  const came = response.json() as unknown as { meta?: unknown }
  if (meta !== undefined && difference(meta, came.meta) !== undefined) return answersMoved.add(1)
  const wrong = difference(answer, came)
  answersRight.add(wrong === undefined)
  if (wrong !== undefined) console.error(`${path}: ${wrong}`)
}
