/** Scores what was found in dirty files against their answer key (`dirt.csv`): repeated events, and bots. */
import { MusicboxError } from '../../datasets/failure.ts'
import { KEY_COLUMNS } from '../dirt/answer-key.ts'
import { retrieval } from './agreement.ts'
import { type Answer, readAnswers } from './answer-file.ts'
import { type Score, WORST_MAX } from './task.ts'

export interface DirtTask {
  question: string
  /** The columns of an answer file. */
  columns: readonly string[]
  /** What is to be found: the same text for the same thing in key and answers; undefined for other rows of the key. */
  wanted(key: Answer['cells']): string | undefined
  found(answer: Answer['cells']): string
}

export const DEDUP: DirtTask = {
  question: 'Which lines of which file repeat an event that came before?',
  columns: ['file', 'line'],
  wanted: ({ kind, file, line }) => (kind === 'duplicate' ? `${file}:${line}` : undefined),
  found: ({ file, line }) => `${file}:${line}`,
}

export const BOTS: DirtTask = {
  question: 'Which users are bots?',
  columns: ['uid'],
  wanted: ({ kind, after }) => (kind === 'bot' ? after : undefined),
  found: ({ uid = '' }) => uid,
}

/**
 * F1 of the things found: 1 when all of them are, and nothing else.
 * @throws MusicboxError `input.invalid` when the key has nothing to find
 */
export async function scoreDirt(task: DirtTask, answersPath: string, keyPath: string): Promise<Score> {
  const key = await readAnswers(keyPath, KEY_COLUMNS)
  const answers = await readAnswers(answersPath, task.columns)
  const wanted = new Set(key.flatMap(({ cells }) => task.wanted(cells) ?? []))
  const found = new Set(answers.map(({ cells }) => task.found(cells)))
  if (wanted.size === 0)
    throw new MusicboxError('input.invalid', `expected ${keyPath} to name some of them, found none`)
  const hits = [...found].filter((each) => wanted.has(each)).length
  const { f1, precision, recall } = retrieval(hits, found.size, wanted.size)
  const missed = [...wanted].filter((each) => !found.has(each)).map((what) => ({ verdict: 'missed', what }))
  const wrong = [...found].filter((each) => !wanted.has(each)).map((what) => ({ verdict: 'false alarm', what }))
  return {
    score: f1,
    questions: wanted.size,
    answered: found.size,
    unasked: 0,
    details: { precision, recall },
    worst: [...missed, ...wrong].slice(0, WORST_MAX),
  }
}
