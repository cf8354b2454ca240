/**
 * From a seed that people can say to the 128-bit key that the kernel draws from.
 *
 * This is the only file of the room that loads an npm package; what runs in k6 takes the key, never the text.
 */
import seedrandom from 'seedrandom'
import { MusicboxError } from '../datasets/failure.ts'
import type { Key } from '../datasets/random.ts'

/** Equal texts give equal keys, on any machine. @throws MusicboxError `input.invalid` when the text is empty */
export function seedKey(text: string): Key {
  // seedrandom takes an empty seed for "none given" and would then draw from the machine's entropy.
  if (text === '') throw new MusicboxError('input.invalid', 'expected a seed of at least one character, got none')
  const random = seedrandom(text)
  const word = (): number => random.int32() >>> 0
  return [word(), word(), word(), word()]
}
