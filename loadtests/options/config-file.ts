import { readFile } from 'node:fs/promises'
import { MusicboxError } from '../../datasets/failure.ts'
import type { GivenOptions } from './option-layers.ts'

/**
 * The options in a JSON file, for `--config`.
 * @throws MusicboxError `not.found` when it cannot be read, `input.invalid` when it is not a JSON object
 */
export async function readConfigFile(path: string): Promise<GivenOptions> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    throw new MusicboxError('not.found', `expected a config file at ${path}, could not read it`, 'Is the path right?', {
      cause,
    })
  })
  const value = parsed(text)
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as GivenOptions
  throw new MusicboxError(
    'input.invalid',
    `expected ${path} to be a JSON object of options`,
    'For example: {"vus": 10, "duration": "30s"}',
  )
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
