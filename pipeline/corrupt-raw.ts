/** What a warehouse says of raw files that are not what the manifests promise. */
import { MusicboxError } from '../datasets/failure.ts'

export function corruptRaw(message: string, cause?: unknown): MusicboxError {
  return new MusicboxError(
    'data.corrupt',
    message,
    'the raw files are write-once: restore the file from a copy, or from the log',
    ...(cause === undefined ? [] : [{ cause }]),
  )
}
