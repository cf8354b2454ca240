/**
 * How well answers agree with the truth, beyond what chance would give: 1 for perfect answers, about 0 for the same
 * answers dealt out at random, below 0 for worse than that.
 */

/**
 * Cohen's weighted kappa (Psychological Bulletin 70, 1968): 1 − mean loss ÷ mean loss of answers dealt out at random.
 * So an answer that is the same for all questions gets 0, however common it is. For many questions the chance loss is
 * taken over 400 turns of the list against itself rather than over all pairs.
 * @param loss of an answer to a question, 0 (right) … 1 (wrong)
 */
export function kappa<Answer, Truth>(
  answers: readonly Answer[],
  truths: readonly Truth[],
  loss: (answer: Answer, truth: Truth) => number,
): number {
  const count = truths.length
  if (count === 0) return Number.NaN
  let observed = 0
  for (let i = 0; i < count; i++) observed += loss(answers[i]!, truths[i]!)
  const turns = Math.min(count, TURNS_MAX)
  let dealt = 0
  for (let turn = 0; turn < turns; turn++) {
    // All turns for short lists; evenly spread ones for long lists.
    const shift = Math.floor((turn * count) / turns)
    for (let i = 0; i < count; i++) dealt += loss(answers[i]!, truths[(i + shift) % count]!)
  }
  if (dealt === 0) return observed === 0 ? 1 : 0
  return 1 - observed / (dealt / turns)
}

const TURNS_MAX = 400

/** The adjusted Rand index of two partitions of the same things (Hubert & Arabie, Journal of Classification 2, 1985). */
export function adjustedRand(answers: readonly string[], truths: readonly string[]): number {
  const both = new Map<string, number>()
  const [ofAnswer, ofTruth] = [new Map<string, number>(), new Map<string, number>()]
  for (const [i, answer] of answers.entries()) {
    const truth = truths[i]!
    increment(both, JSON.stringify([answer, truth]))
    increment(ofAnswer, answer)
    increment(ofTruth, truth)
  }
  const [together, a, b] = [pairsIn(both), pairsIn(ofAnswer), pairsIn(ofTruth)]
  const all = (answers.length * (answers.length - 1)) / 2
  const byChance = all === 0 ? 0 : (a * b) / all
  const most = (a + b) / 2
  // Both put everything into one cluster, or everything apart: the same partition.
  return most === byChance ? 1 : (together - byChance) / (most - byChance)
}

export interface Retrieval {
  precision: number
  recall: number
  /** The harmonic mean of both. */
  f1: number
}

/** @param hits how many of the things given are among those wanted */
export function retrieval(hits: number, given: number, wanted: number): Retrieval {
  const precision = given === 0 ? (wanted === 0 ? 1 : 0) : hits / given
  const recall = wanted === 0 ? (given === 0 ? 1 : 0) : hits / wanted
  return { precision, recall, f1: hits === 0 ? (given + wanted === 0 ? 1 : 0) : (2 * hits) / (given + wanted) }
}

function increment(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}

function pairsIn(counts: ReadonlyMap<string, number>): number {
  let pairs = 0
  for (const count of counts.values()) pairs += (count * (count - 1)) / 2
  return pairs
}
