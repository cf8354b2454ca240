/**
 * Writes `zip.generated.ts`: `node datasets/zip.build.ts`.
 *
 * Positions, codes and towns come from the dev dependency `zipcodes` (BSD licence, whose text goes into the head of
 * the written file). It has no populations, and no package served to this project has; so they are an estimate: each
 * state's residents are shared out over its 3-digit areas by the number of ZIP codes in each. That is right for a
 * state and roughly right for an area: a downtown area with many PO boxes gets too many people.
 *
 * Left out: military post offices (AA, AE, AP) and territories, which have no population here; codes without a
 * position, and codes whose position lies outside the United States (10200 has its longitude's sign lost).
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const OUTPUT = new URL('./zip.generated.ts', import.meta.url)

/**
 * Resident population on 1 April 2020. Source: U.S. Census Bureau, 2020 Census Apportionment Results, Table 2
 * (resident population of the 50 states and the District of Columbia); in the public domain. Total 331,449,281.
 */
export const RESIDENTS_2020: Readonly<Record<string, number>> = {
  AK: 733_391,
  AL: 5_024_279,
  AR: 3_011_524,
  AZ: 7_151_502,
  CA: 39_538_223,
  CO: 5_773_714,
  CT: 3_605_944,
  DC: 689_545,
  DE: 989_948,
  FL: 21_538_187,
  GA: 10_711_908,
  HI: 1_455_271,
  IA: 3_190_369,
  ID: 1_839_106,
  IL: 12_812_508,
  IN: 6_785_528,
  KS: 2_937_880,
  KY: 4_505_836,
  LA: 4_657_757,
  MA: 7_029_917,
  MD: 6_177_224,
  ME: 1_362_359,
  MI: 10_077_331,
  MN: 5_706_494,
  MO: 6_154_913,
  MS: 2_961_279,
  MT: 1_084_225,
  NC: 10_439_388,
  ND: 779_094,
  NE: 1_961_504,
  NH: 1_377_529,
  NJ: 9_288_994,
  NM: 2_117_522,
  NV: 3_104_614,
  NY: 20_201_249,
  OH: 11_799_448,
  OK: 3_959_353,
  OR: 4_237_256,
  PA: 13_002_700,
  RI: 1_097_379,
  SC: 5_118_425,
  SD: 886_667,
  TN: 6_910_840,
  TX: 29_145_505,
  UT: 3_271_616,
  VA: 8_631_393,
  VT: 643_077,
  WA: 7_705_281,
  WI: 5_893_718,
  WV: 1_793_716,
  WY: 576_851,
}

/** One code as the package has it. */
export interface ZipCode {
  zip: string
  latitude: number
  longitude: number
  city: string
  state: string
  country: string
}

interface Area {
  zip3: string
  state: string
  codes: ZipCode[]
}

/** The text of `zip.generated.ts`, made of the package's codes and its licence. */
export function zipSource(codes: readonly ZipCode[], licence: string): string {
  const areas = areasOf(codes)
  const residents = residentsOf(areas)
  const rows = areas.map(({ zip3, state, codes }) => {
    const latitude = median(codes.map((code) => code.latitude)).toFixed(2)
    const longitude = median(codes.map((code) => code.longitude)).toFixed(2)
    const suffixes = codes.map((code) => code.zip.slice(3)).sort()
    return [zip3, state, latitude, longitude, residents.get(zip3), chiefTown(codes), suffixes.join('')].join('|')
  })
  return [
    '/**',
    ' * US zip areas, written by `zip.build.ts`: do not edit.',
    ' *',
    ' * One row an area: zip3|state|median latitude|median longitude|residents (estimate)|chief town|the last two digits',
    ' * of each code. Derived from the npm package `zipcodes`, whose licence follows.',
    ' *',
    ...licence
      .trim()
      .split('\n')
      .map((line) => ` * ${line.trim()}`.trimEnd()),
    ' */',
    'export const ZIP_ROWS: readonly string[] = [',
    ...rows.map((row) => `  ${quoted(row)},`),
    ']',
    '',
  ].join('\n')
}

/** The package's codes and licence text, as installed. */
export function installedZipcodes(): { codes: ZipCode[]; licence: string } {
  const require = createRequire(import.meta.url)
  const { codes } = require('zipcodes') as { codes: Record<string, ZipCode> }
  return {
    codes: Object.values(codes),
    licence: readFileSync(require.resolve('zipcodes/LICENSE'), 'utf8'),
  }
}

/** Areas in order of their digits; an area belongs to the state that most of its codes name. */
function areasOf(codes: readonly ZipCode[]): Area[] {
  const byZip3 = new Map<string, ZipCode[]>()
  for (const code of codes) {
    if (code.country !== 'US' || !(code.state in RESIDENTS_2020) || !inUnitedStates(code)) continue
    const zip3 = code.zip.slice(0, 3)
    byZip3.set(zip3, [...(byZip3.get(zip3) ?? []), code])
  }
  return [...byZip3.entries()]
    .map(([zip3, codes]) => ({ zip3, codes, state: mostFrequent(codes.map(({ state }) => state)) }))
    .sort((a, b) => (a.zip3 < b.zip3 ? -1 : 1))
}

/** Whether the position is in a state: north of 18°, and between Hawaii's last island (Kure, 178.3° W) and Maine. */
function inUnitedStates({ latitude, longitude, zip }: ZipCode): boolean {
  // Wake Island is filed under Hawaii, 2,300 miles west of it.
  return zip !== '96898' && latitude > 18 && latitude < 72 && longitude > -178.5 && longitude < -66
}

/** Each state's residents by largest remainder, so that the areas of a state add up to it exactly. */
function residentsOf(areas: readonly Area[]): Map<string, number> {
  const residents = new Map<string, number>()
  for (const [state, total] of Object.entries(RESIDENTS_2020)) {
    const own = areas.filter((area) => area.state === state)
    const codes = own.reduce((sum, area) => sum + area.codes.length, 0)
    const shares = own.map(({ zip3, codes: { length } }) => {
      const whole = Math.floor((total * length) / codes)
      return { zip3, whole, rest: (total * length) % codes }
    })
    let left = total - shares.reduce((sum, { whole }) => sum + whole, 0)
    shares.sort((a, b) => b.rest - a.rest || (a.zip3 < b.zip3 ? -1 : 1))
    for (const { zip3, whole } of shares) residents.set(zip3, left-- > 0 ? whole + 1 : whole)
  }
  return residents
}

function chiefTown(codes: readonly ZipCode[]): string {
  return mostFrequent(codes.map(({ city }) => city))
}

/** The most frequent text; of several, the first in order. */
function mostFrequent(texts: readonly string[]): string {
  const counts = new Map<string, number>()
  for (const text of texts) counts.set(text, (counts.get(text) ?? 0) + 1)
  return [...counts].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]![0]
}

/** The middle value, or the lower of two: always one that occurs, so that no rounding can differ. */
function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[(numbers.length - 1) >> 1]!
}

/** A literal as the formatter writes it. */
function quoted(text: string): string {
  return text.includes("'") ? JSON.stringify(text) : `'${text}'`
}

if (import.meta.main) {
  const { codes, licence } = installedZipcodes()
  writeFileSync(OUTPUT, zipSource(codes, licence))
}
