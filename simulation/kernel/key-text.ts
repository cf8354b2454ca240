/** A seed key as text, so that a key can stand in a file name, an environment variable or a page. */
import { MusicboxError } from '../../datasets/failure.ts'
import { hex128, type Key, wordsAt } from '../../datasets/random.ts'
import { STREAM } from './stream.ts'

/** 32 lower-case hex digits. */
export function keyText(key: Key): string {
  return hex128([key[0], key[1], key[2], key[3]])
}

/** The inverse of {@link keyText}. @throws MusicboxError `input.invalid` */
export function parseKey(text: string): Key {
  if (!/^[0-9a-f]{32}$/.test(text)) {
    throw new MusicboxError(
      'input.invalid',
      `expected a seed key of 32 lower-case hex digits, got "${text}"`,
      'take the key that the history was made with, or make one from a seed text with seedKey',
    )
  }
  const word = (at: number): number => Number.parseInt(text.slice(at, at + 8), 16)
  return [word(0), word(8), word(16), word(24)]
}

/** `seedKey('musicbox')`, written out so that what must not load npm packages has it too. A test holds the two equal. */
export const DEFAULT_SEED_KEY: Key = [1292405235, 2465601053, 2448881762, 3085354530]

/** The key that a text picks under another key; each UTF-16 unit counts, and so does its place. */
export function keyUnder(key: Key, text: string): Key {
  let state: Key = wordsAt(key, STREAM.text, text.length)
  for (let i = 0; i < text.length; i++) state = wordsAt(state, STREAM.text, text.charCodeAt(i), i + 1)
  return state
}
