/** Judges answers to questions that each have one id and one truth. */

import { kappa } from './agreement.ts'
import type { Answer } from './answer-file.ts'
import { wrongAnswer } from './answer-file.ts'
import { type Score, WORST_MAX } from './task.ts'

export interface Question<Truth> {
  id: string
  truth: Truth
}

export interface Rules<Truth> {
  /** The column that holds the id. */
  id: string
  /** Reads an answer's cells. @returns undefined for an answer left open, a text for one that is not of the form */
  read(cells: Answer['cells']): Truth | undefined | string
  /** 0 (right) … 1 (wrong). */
  loss(answer: Truth, truth: Truth): number
  /** As it stands in the list of the worst. */
  show(value: Truth): string | number
}

/** What has no answer costs 1, as the worst answer does. */
export function judged<Truth extends object | number>(
  questions: readonly Question<Truth>[],
  answers: readonly Answer[],
  path: string,
  { id, read, loss, show }: Rules<Truth>,
): Score {
  const asked = new Set(questions.map((question) => question.id))
  const given = new Map<string, Truth>()
  let unasked = 0
  const lines = new Map<string, number>()
  for (const { line, cells } of answers) {
    const of = cells[id] ?? ''
    const before = lines.get(of)
    if (before !== undefined) throw wrongAnswer(path, line, `${of} is answered in line ${before} already`)
    lines.set(of, line)
    const value = read(cells)
    if (typeof value === 'string') throw wrongAnswer(path, line, value)
    if (!asked.has(of)) unasked++
    else if (value !== undefined) given.set(of, value)
  }
  const costOf = (answer: Truth | undefined, truth: Truth): number => (answer === undefined ? 1 : loss(answer, truth))
  const inOrder = questions.map((question) => given.get(question.id))
  const truths = questions.map(({ truth }) => truth)
  const losses = questions.map(({ truth }, at) => costOf(inOrder[at], truth))
  const worst = questions
    .map(({ id: of, truth }, at) => ({ of, truth, answer: inOrder[at], loss: losses[at]! }))
    .filter((each) => each.loss > 0)
    .sort((a, b) => b.loss - a.loss || (a.of < b.of ? -1 : 1))
    .slice(0, WORST_MAX)
  return {
    score: kappa(inOrder, truths, costOf),
    questions: questions.length,
    answered: given.size,
    unasked,
    details: {
      mean_loss: losses.reduce((sum, each) => sum + each, 0) / losses.length,
      right: losses.filter((each) => each === 0).length,
    },
    worst: worst.map((each) => ({
      [id]: each.of,
      truth: show(each.truth),
      answer: each.answer === undefined ? '' : show(each.answer),
      loss: each.loss,
    })),
  }
}
