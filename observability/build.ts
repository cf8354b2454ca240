/** `node observability/build.ts`: writes the files that Prometheus and Grafana read; see `generated.ts`. */
import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { generatedFiles } from './generated.ts'

for (const [name, text] of generatedFiles()) {
  const path = join(import.meta.dirname, name)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
  if (name.endsWith('.json')) format(path)
  console.log(`wrote observability/${name}`)
}

/** The repository's formatter has its own mind about short arrays, and its check covers this file too. */
function format(path: string): void {
  const biome = join(import.meta.dirname, '../node_modules/.bin/biome')
  execFileSync(biome, ['format', '--write', path], { stdio: ['ignore', 'ignore', 'inherit'] })
}
