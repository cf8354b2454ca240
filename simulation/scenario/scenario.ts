/**
 * The scenario language: a world described by its size, its days, its knobs, its shocks and its dirt, in JSON.
 *
 * ```json
 * { "name": "quiet-week", "description": "Fewer skips and a quiet week.", "seed": "quiet", "users": 500,
 *   "first_day": "2025-03-01", "days": 28, "knobs": { "skip": 0.8 },
 *   "shocks": [{ "kind": "holiday", "name": "school holidays", "day": "2025-03-10", "days": 7, "size": 0.7 }] }
 * ```
 * The schema is published as `scenario.schema.json`, for editors and for other programs.
 */
import { z } from 'zod'
import { FORMATS } from '../dataset/format.ts'
import { PROFILES } from '../kernel/world.ts'
import { contradictionsOf } from './contradiction.ts'
import { dirtSchema } from './dirt-fields.ts'
import { choiceField, dayField, textField, wholeField } from './field.ts'
import { knobsSchema } from './knob-fields.ts'
import { type Problem, problemsOf, ScenarioError } from './problem.ts'
import { shockSchema } from './shock-fields.ts'

export const scenarioSchema = z
  .strictObject(
    {
      $schema: z.string().optional().meta({ description: 'Address of this schema, for editors; has no effect.' }),
      name: z
        .string('expected a name in lower case with hyphens, like release-day')
        .regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, 'expected a name in lower case with hyphens, like release-day')
        .max(80, 'expected a name of at most 80 characters')
        .meta({ description: 'Name in lower case with hyphens.' }),
      description: textField(1000, 'What happens in it, in a sentence or two.'),
      seed: textField(200, 'Equal scenarios with equal seeds make equal histories.').default('musicbox'),
      profile: choiceField(
        PROFILES,
        '`realistic`: rates near published figures. `seed-2014`: the odds and waits of the original MusicBox.',
      ).default('realistic'),
      songs: wholeField(1, 10_000_000, 'Songs in the catalogue.').default(10_000),
      users: wholeField(1, 100_000_000, 'Listeners.').default(2_000),
      first_day: dayField('First day of the history.'),
      days: wholeField(1, 36_500, 'Length of the history in days; or give last_day.').optional(),
      last_day: dayField('Last day of the history; or give days.').optional(),
      last_year: wholeField(1970, 2100, 'Year of the newest songs; that of the last day unless given.').optional(),
      knobs: knobsSchema.default({}),
      shocks: z
        .array(shockSchema, 'expected a list of shocks')
        .max(1000, 'expected at most 1000 shocks')
        .default([])
        .meta({
          description: 'Events of the world that move interest or listening; their onsets are part of the truth.',
        }),
      dirt: dirtSchema.optional(),
      formats: z
        .array(choiceField(FORMATS, 'One form of file.'), 'expected a list of formats')
        .default(['jsonl.gz'])
        .meta({ description: 'Forms in which the history is written to files.' }),
    },
    'expected an object that describes a scenario',
  )
  .meta({ title: 'MusicBox scenario', description: 'A simulated world and its history.' })

export type Scenario = z.infer<typeof scenarioSchema>

/** The JSON schema of what a person writes; committed as `scenario.schema.json`. */
export function scenarioJsonSchema(): object {
  return z.toJSONSchema(scenarioSchema, { io: 'input' })
}

/**
 * @param path where the text is from, for the message
 * @throws ScenarioError with every problem at once, each with its path in the scenario and what was expected
 */
export function parseScenario(text: string, path: string): Scenario {
  let given: unknown
  try {
    given = JSON.parse(text)
  } catch (cause) {
    throw new ScenarioError(path, [{ path: '', message: `expected JSON: ${(cause as Error).message}` }])
  }
  return checkScenario(given, path)
}

/** {@link parseScenario} for what is no text any more. @throws ScenarioError */
export function checkScenario(given: unknown, path: string): Scenario {
  const { success, data, error } = scenarioSchema.safeParse(given)
  const problems: Problem[] = success ? [] : problemsOf(error, given, scenarioJsonSchema())
  problems.push(...contradictionsOf(given))
  if (problems.length > 0 || !success) throw new ScenarioError(path, problems)
  return data
}
