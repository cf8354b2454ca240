/**
 * Writes `names.generated.ts`: `node datasets/names.build.ts`.
 *
 * The names are those of `@faker-js/faker` (MIT). They are frozen in a file, with a hash, because a new version of
 * faker would else change every history that was ever made; and because no npm package may run inside k6's engine.
 */
import { createHash } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { en } from '@faker-js/faker'

const OUTPUT = new URL('./names.generated.ts', import.meta.url)

/** Left out: words that are no names, and names that would distract in a report. */
const LEFT_OUT = new Set(['Adolf', 'Adolph', 'Adolphus', 'Baby', 'Dick', 'Fanny', 'Gay', 'Jihad', 'Osama', 'Dickens'])

/** The lists of the table, each sorted and without repeats. */
export type NameLists = Readonly<Record<'FIRST_NAMES_F' | 'FIRST_NAMES_M' | 'FIRST_NAMES_X' | 'LAST_NAMES', string[]>>

/** The names as faker has them. */
export function fakerNames(): NameLists {
  return {
    FIRST_NAMES_F: list(en.person?.first_name?.female),
    FIRST_NAMES_M: list(en.person?.first_name?.male),
    FIRST_NAMES_X: list(en.person?.first_name?.generic),
    LAST_NAMES: list(en.person?.last_name?.generic),
  }
}

/** Faker's MIT licence, without the history of its files that follows it. */
export function fakerLicence(): string {
  const file = createRequire(import.meta.url)
    .resolve('@faker-js/faker')
    .replace(/\/dist\/.*$/, '/LICENSE')
  return readFileSync(file, 'utf8').split('\n===')[0]!.trim()
}

/** SHA-256 of the lists in their order: each a line of its name and a line a name. */
export function namesHash(lists: NameLists): string {
  const hash = createHash('sha256')
  for (const [name, entries] of Object.entries(lists)) hash.update(`${name}\n${entries.join('\n')}\n`)
  return hash.digest('hex')
}

/** The text of `names.generated.ts`: one line for each initial, so that a change can be read. */
export function namesSource(lists: NameLists, licence: string): string {
  const lines = [
    '/**',
    ' * First and last names, written by `names.build.ts`: do not edit.',
    ' *',
    ' * Taken from the npm package `@faker-js/faker`, whose licence follows. One text for each initial, parted by spaces.',
    ' *',
    ...licence.split('\n').map((line) => ` * ${line}`.trimEnd()),
    ' */',
    '',
    '/** SHA-256 of the lists; see `namesHash` in `names.build.ts`. */',
    `export const NAMES_SHA256 = '${namesHash(lists)}'`,
  ]
  for (const [name, entries] of Object.entries(lists)) {
    lines.push('', `export const ${name}: readonly string[] = [`)
    for (const initial of [...new Set(entries.map((entry) => entry[0]!))]) {
      const text = entries.filter((entry) => entry.startsWith(initial)).join(' ')
      lines.push(`  ${text.includes("'") ? JSON.stringify(text) : `'${text}'`},`)
    }
    lines.push(']')
  }
  return `${lines.join('\n')}\n`
}

/** Sorted by code unit, not by locale, so that every machine writes the same file. */
function list(names: readonly string[] | undefined): string[] {
  const wanted = (names ?? []).filter((name) => !LEFT_OUT.has(name) && /^\p{Lu}[\p{L}'-]+$/u.test(name))
  return [...new Set(wanted)].sort((a, b) => (a < b ? -1 : 1))
}

if (import.meta.main) writeFileSync(OUTPUT, namesSource(fakerNames(), fakerLicence()))
