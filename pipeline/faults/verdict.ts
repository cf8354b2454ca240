/** From the proof to a line of the matrix. Nothing here assumes: what was lost or doubled is what settling has found. */
import type { Proof } from '../verify.command.ts'

export interface RowFigures {
  /** Events that were acknowledged. */
  acked: number
  /** Of these: in the reports. */
  reported: number
  lost: number
  doubled: number
  /** Events of which no answer ever said what became of them, and how many of these are there. */
  unknown: number
  unknown_landed: number
  refused: number
}

export interface RowResult extends Partial<RowFigures> {
  row: number
  fault: string
  /** How often the fault was done. */
  strikes?: number
  /** Longest time from a fault's end until the work went on. */
  recovery_s?: number
  seconds?: number
  /** `SKIPPED`: it has no meaning on this backend. */
  verdict: 'HELD' | 'BROKEN' | 'SKIPPED'
  /** Why it is skipped, or what did not hold. */
  notes: string[]
}

export function figuresOf(proof: Proof): RowFigures {
  const { accepted, reported, lost, doubled, unknown, unknown_landed, refused } = proof
  return { acked: accepted, reported, lost, doubled, unknown, unknown_landed, refused }
}

/** What did not hold, in words; nothing when all did. A fault that did not happen has proven nothing. */
export function whatBroke(proof: Proof, { strikes, broken }: { strikes: number; broken: readonly string[] }): string[] {
  const { lost, doubled, altered, refused_but_present, pending, unpublished, accepted, audit } = proof
  const counts = { lost, doubled, altered, 'refused but present': refused_but_present, pending, unpublished }
  const wrong = Object.entries(counts).flatMap(([what, count]) => (count > 0 ? [`${count} ${what}`] : []))
  if (audit.mismatches.length > 0) wrong.push(`${audit.mismatches.length} hours differ between stages`)
  wrong.push(...audit.faults.map(({ stage, what }) => `${stage}: ${what}`))
  if (wrong.length === 0 && proof.verdict !== 'PROVEN') wrong.push(`the proof is ${proof.verdict}`)
  if (accepted === 0) wrong.push('nothing was acknowledged')
  if (strikes === 0) wrong.push('the fault did not happen')
  return [...wrong, ...broken.map((promise) => `not so: ${promise}`)]
}
