/** Which of a stage's steps a trial tries: all, or as many as its pace allows, drawn from the seed. */
import type { Trial } from './trial.ts'

/** @returns in the order given, which is the order in which a run comes by them */
export function someSteps<Step>(steps: readonly Step[], { pace, draws }: Pick<Trial, 'pace' | 'draws'>): Step[] {
  const left = [...steps]
  while (left.length > pace.steps_max) left.splice(draws.below(left.length), 1)
  return left
}
