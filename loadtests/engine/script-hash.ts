/** Tells whether two runs ran the same script. */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { bundleScript } from './bundle.ts'

/** Of the script and all it imports; of the script alone when it is not in the dialect that can be bundled here. */
export async function scriptHash(path: string): Promise<string> {
  const files = await bundleScript(path).then(
    (script) => script.files,
    () => [path],
  )
  return await hashOf(files)
}

/** SHA-256 over the contents of the files, in the order of their paths; hex. */
export async function hashOf(files: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const file of [...files].sort()) hash.update(await readFile(file))
  return hash.digest('hex')
}
