/** Which answers count as they should be: `http.expectedStatuses`, and what is expected when nothing is said. */
import { MusicboxError } from '../../datasets/failure.ts'

export interface ResponseCallback {
  expects(status: number): boolean
}

export interface StatusRange {
  min: number
  max: number
}

export function expectedStatuses(...given: (number | StatusRange)[]): ResponseCallback {
  if (given.length === 0) throw badStatuses('nothing')
  return new ExpectedStatuses(
    given.map((entry) => {
      const { min, max } = typeof entry === 'number' ? { min: entry, max: entry } : (entry ?? {})
      if (!Number.isInteger(min) || !Number.isInteger(max)) throw badStatuses(JSON.stringify(entry))
      return { min, max }
    }),
  )
}

class ExpectedStatuses implements ResponseCallback {
  readonly #ranges: readonly StatusRange[]
  constructor(ranges: readonly StatusRange[]) {
    this.#ranges = ranges
  }
  expects(status: number): boolean {
    return this.#ranges.some(({ min, max }) => status >= min && status <= max)
  }
}

/** Every answer that is neither the client's fault nor the server's. */
export const DEFAULT_EXPECTED: ResponseCallback = new ExpectedStatuses([{ min: 200, max: 399 }])

/** @throws MusicboxError `script.failed` for what is neither made by expectedStatuses nor null (nothing is expected) */
export function callbackOf(given: unknown, where: string): ResponseCallback | null {
  if (given === null || given instanceof ExpectedStatuses) return given
  throw new MusicboxError(
    'script.failed',
    `expected ${where} to be what http.expectedStatuses() gives, or null, got ${typeof given}`,
    'Look at the status in a check() for what depends on more than the status.',
  )
}

function badStatuses(got: string | undefined): MusicboxError {
  return new MusicboxError(
    'script.failed',
    `expected http.expectedStatuses() to get statuses or ranges such as { min: 200, max: 299 }, got ${got}`,
  )
}
