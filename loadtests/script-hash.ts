/** Tells whether two runs ran the same script. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'

/** SHA-256 over the contents of the files, in the order of their paths; hex. */
export async function hashOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of [...files].sort()) hash.update(await readFile(file))
  return hash.digest('hex')
}
