/** The scenarios that come with MusicBox, and those in files. */
import { readdirSync, readFileSync } from 'node:fs'
import { MusicboxError } from '../../datasets/failure.ts'
import { nearName } from './near-name.ts'
import { parseScenario, type Scenario } from './scenario.ts'

const FOLDER = new URL('./shipped/', import.meta.url)

/** Names of the shipped scenarios, in order of the alphabet. */
export function shippedNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.json'))
    .map((file) => file.slice(0, -'.json'.length))
    .sort()
}

/**
 * A shipped scenario by its name, or one from a file: whatever holds a slash or ends in `.json` is a file.
 * @throws MusicboxError `not.found`, or a ScenarioError
 */
export function loadScenario(nameOrFile: string): Scenario {
  if (!nameOrFile.endsWith('.json') && !nameOrFile.includes('/')) {
    const names = shippedNames()
    if (names.includes(nameOrFile)) return parseScenario(shippedText(nameOrFile), nameOrFile)
    const near = nearName(nameOrFile, names)
    throw new MusicboxError(
      'not.found',
      `expected a scenario's name or a file that ends in .json, got "${nameOrFile}"`,
      near === undefined ? `there are ${names.join(', ')}` : `did you mean ${near}?`,
    )
  }
  let text: string
  try {
    text = readFileSync(nameOrFile, 'utf8')
  } catch (cause) {
    throw new MusicboxError('not.found', `expected a scenario in ${nameOrFile}, which cannot be read`, '', { cause })
  }
  return parseScenario(text, nameOrFile)
}

/** The JSON of a shipped scenario as it was written. */
export function shippedText(name: string): string {
  return readFileSync(new URL(`${name}.json`, FOLDER), 'utf8')
}
