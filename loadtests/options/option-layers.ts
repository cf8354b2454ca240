/** Layers of options: where they come from, the later ones over the earlier. */
import type { Options } from 'k6/options'
import { MusicboxError } from '../../datasets/failure.ts'
import { FORMS, type Form } from './option-form.ts'
import { type KnownOption, OPTIONS } from './option-table.ts'

/** Options as they are written; a few that k6 documents are not in its types. */
export type GivenOptions = Options & {
  noSetup?: boolean
  noTeardown?: boolean
  summaryTimeUnit?: string
}

/** From the lowest to the highest. */
export interface OptionLayers {
  /** Of a `--config` file. */
  config?: GivenOptions
  /** What the script exports. */
  script?: GivenOptions
  /** Variables; those called `K6_…` that stand for an option are read. */
  env?: Readonly<Record<string, string | undefined>>
  flags?: GivenOptions
}

/**
 * Options that say how much is run. One given by a layer sets aside all of these from the layers before it; `vus` alone
 * sets aside scenarios, which have users of their own.
 */
const EXECUTION = ['scenarios', 'iterations', 'duration', 'stages'] as const

/** @throws MusicboxError `input.invalid` for an option that is unknown, not done here, or not of its form */
export function mergeLayers(layers: OptionLayers): { given: GivenOptions; warnings: string[] } {
  const named: [string, GivenOptions][] = [
    ['the config file', layers.config ?? {}],
    ['the script', layers.script ?? {}],
    ['variables', optionsFromEnv(layers.env ?? {})],
    ['flags', layers.flags ?? {}],
  ]
  let given: GivenOptions = {}
  const warnings: string[] = []
  for (const [name, layer] of named) {
    checkLayer(layer)
    expectOneWay(layer)
    if (EXECUTION.some((option) => layer[option] !== undefined)) given = without(given, EXECUTION)
    else if (layer.vus !== undefined && given.scenarios !== undefined) {
      warnings.push(`vus from ${name} sets aside the scenarios that were given before`)
      given = without(given, ['scenarios'])
    }
    given = { ...given, ...layer }
  }
  return { given, warnings }
}

/** What `K6_…` variables ask for. @throws MusicboxError `input.invalid` */
export function optionsFromEnv(env: Readonly<Record<string, string | undefined>>): GivenOptions {
  const options: Record<string, unknown> = {}
  for (const [name, { variable, form }] of Object.entries(OPTIONS)) {
    const text = variable === undefined ? undefined : env[variable]
    if (variable === undefined || text === undefined || text === '') continue
    const value = FORMS[form].ofText(text, variable)
    FORMS[form].check(value, variable)
    options[name] = value
  }
  return options as GivenOptions
}

function checkLayer(layer: GivenOptions): void {
  for (const [name, value] of Object.entries(layer)) {
    const option: KnownOption | undefined = Object.hasOwn(OPTIONS, name) ? OPTIONS[name] : undefined
    if (!option) {
      throw new MusicboxError(
        'input.invalid',
        `option "${name}" is not known`,
        `Leave it out. Known: ${namesOfSupported().join(', ')}.`,
      )
    }
    if (value === undefined || value === null) continue
    if (option.refused !== undefined) {
      if (value === option.harmless) continue
      throw new MusicboxError('input.invalid', `option "${name}" is not supported by this engine`, option.refused)
    }
    const form: Form = FORMS[option.form]
    form.check(value, name)
  }
}

/** What is to be run can be said in one way at a time. */
function expectOneWay(layer: GivenOptions): void {
  const pairs: [keyof GivenOptions, keyof GivenOptions][] = [
    ['scenarios', 'iterations'],
    ['scenarios', 'duration'],
    ['scenarios', 'stages'],
    ['scenarios', 'vus'],
    ['stages', 'iterations'],
    ['stages', 'duration'],
  ]
  for (const [one, other] of pairs) {
    if (layer[one] === undefined || layer[other] === undefined) continue
    throw new MusicboxError(
      'input.invalid',
      `expected either ${one} or ${other}, got both`,
      one === 'scenarios' ? `Say ${other} inside of a scenario.` : 'Leave one out, or write them as scenarios.',
    )
  }
}

function namesOfSupported(): string[] {
  return Object.keys(OPTIONS)
    .filter((name) => OPTIONS[name]!.refused === undefined)
    .sort()
}

function without(options: GivenOptions, names: readonly (keyof GivenOptions)[]): GivenOptions {
  return Object.fromEntries(
    Object.entries(options).filter(([name]) => !names.includes(name as keyof GivenOptions)),
  ) as GivenOptions
}
