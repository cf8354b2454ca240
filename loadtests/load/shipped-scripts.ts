/** The scripts that MusicBox brings: what they are called, what they are for, and which settings they take. */
import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'

/** In the order in which one would run them. */
export const SHIPPED = [
  'smoke',
  'listeners',
  'ramp',
  'spike',
  'soak',
  'stress',
  'breakpoint',
  'ingest',
  'reports',
  'mixed',
] as const

export type Shipped = (typeof SHIPPED)[number]

export interface ShippedScript {
  name: Shipped
  path: string
  /** What it is for, in a sentence. */
  purpose: string
  /** Names of the environment variables that it takes, beside those that all take. */
  settings: string[]
}

export function isShipped(name: string): name is Shipped {
  return (SHIPPED as readonly string[]).includes(name)
}

export function shippedPath(name: Shipped): string {
  return fileURLToPath(new URL(`../scripts/${name}.ts`, import.meta.url))
}

/** Read from the head of the script, which says it to its readers already. */
export async function describeShipped(name: Shipped): Promise<ShippedScript> {
  const path = shippedPath(name)
  const source = await readFile(path, 'utf8')
  const head = source.slice(0, source.indexOf('*/')).replace(/^\/?\s?\*+ ?/gm, '')
  const [first = ''] = head.trim().split('\n\n')
  const settings = /^Settings: ([A-Z_, ]+)\.$/m.exec(head)?.[1]?.split(', ') ?? []
  return { name, path, purpose: first.replace(/\s+/g, ' ').trim(), settings }
}
