/** What a run was made with. */
import { readFileSync } from 'node:fs'

export interface Versions {
  musicbox: string
  node: string
  /** When the run was made in k6. */
  k6?: string
}

export function versions(): Versions {
  const manifest = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
  return { musicbox: manifest.version, node: process.versions.node }
}
