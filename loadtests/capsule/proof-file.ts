/** What `musicbox verify --json` has printed, read back to stand in a report. */
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { MusicboxError } from '../../datasets/failure.ts'
import { type Capsule, proofSchema } from './capsule.ts'

/** @throws MusicboxError `not.found`, or `input.invalid` for something else than a proof */
export async function readProof(path: string): Promise<NonNullable<Capsule['proof']>> {
  const text = await readFile(path, 'utf8').catch((cause: Error) => {
    throw new MusicboxError('not.found', `expected a proof at ${path}, got ${cause.message}`, HINT, { cause })
  })
  const proof = z
    .string()
    .transform((json, context) => {
      try {
        return JSON.parse(json) as unknown
      } catch (error) {
        context.addIssue({ code: 'custom', message: (error as Error).message })
        return z.NEVER
      }
    })
    .pipe(proofSchema)
    .safeParse(text)
  if (proof.success) return proof.data
  const what = z.prettifyError(proof.error)
  throw new MusicboxError('input.invalid', `expected ${path} to hold a proof, got something else: ${what}`, HINT)
}

const HINT = 'Write one with: npm run -s musicbox -- verify --json > FILE'
