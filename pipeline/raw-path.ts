/** Which paths a raw store takes: the same in every adapter, so that what one has written another can hold. */
import { MusicboxError } from '../datasets/failure.ts'

/**
 * The names along a path; none for the empty path, which is the store's own folder.
 *
 * A name with a dot in front is a store's own, never listed; `\` parts names on Windows; HDFS allows no `:`.
 * @throws MusicboxError `input.invalid` for a path that leads out of the store or that not every adapter can hold
 */
export function rawPathNames(path: string): string[] {
  if (path === '') return []
  const names = path.split('/')
  if (names.some((name) => name === '' || name.startsWith('.') || /[\\\0:]/.test(name))) {
    throw new MusicboxError(
      'input.invalid',
      `expected a relative path with "/" whose names do not start with a dot and hold no ":", got "${path}"`,
    )
  }
  return names
}
