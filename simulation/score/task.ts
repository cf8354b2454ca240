/** What a scored task is: questions with a known truth, a way to judge answers, and a naive way to give some. */
import type { Day } from '../../datasets/day.ts'
import type { World } from '../kernel/world.ts'
import type { Answer } from './answer-file.ts'

/** A history, and where its work may be stopped. */
export interface ScoredHistory {
  world: World
  /** Local days, both included. */
  firstDay: Day
  lastDay: Day
  signal?: AbortSignal
}

export interface Score {
  /** 1 for perfect answers, about 0 for the same answers dealt out at random. */
  score: number
  /** Things that were asked. */
  questions: number
  /** Questions that have an answer. */
  answered: number
  /** Answers to what was not asked; they change nothing. */
  unasked: number
  /** Figures that the task has beside its score. */
  details: Readonly<Record<string, number>>
  /** The worst first. */
  worst: readonly Readonly<Record<string, string | number>>[]
}

export interface Task {
  /** What is to be found out, in a sentence. */
  question: string
  /** The columns of an answer file. */
  columns: readonly string[]
  /** @throws MusicboxError `input.invalid` when the history has nothing to ask, or an answer is not of the form */
  score(history: ScoredHistory, answers: readonly Answer[], path: string): Score
  /** The truth in the form of answers: what gets 1. */
  perfect(history: ScoredHistory): string[][]
  /** Answers by the simplest means, made from the events alone. */
  baseline(history: ScoredHistory): Promise<string[][]>
  /** The best that can be known from events, where that is known: answers of who knows all but what is asked. */
  ceiling?(history: ScoredHistory): string[][]
}

/** Rows of the worst answers that a score keeps. */
export const WORST_MAX = 1_000
