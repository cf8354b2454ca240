/** Which forms of a fault a trial tries: all, or as many as its pace allows, drawn from the seed. */
import type { Trial } from './trial.ts'

/** @returns in the order given: a stage's steps stay in the order in which a run comes by them */
export function someForms<Form>(forms: readonly Form[], { pace, draws }: Pick<Trial, 'pace' | 'draws'>): Form[] {
  const left = [...forms]
  while (left.length > pace.forms_max) left.splice(draws.below(left.length), 1)
  return left
}
