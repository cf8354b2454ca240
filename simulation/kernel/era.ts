/**
 * How much of all standing interest belongs to songs of each age: what is left of older years is what lasted, whoever
 * made it. Without this, decades would hang on the few artists who have most of the plays and on when they happened to be
 * at work. The shares are fitted so that US streams of 2024 by decade come out (Luminate) once interest has faded as
 * `archetype.ts` says.
 */

/** Oldest age of each era, in whole years before the catalogue's last one: those of 2025 end with 2023, 2020, 2015, 2010, … */
const ERA_YEARS = [2, 5, 10, 15, 25, 35, 45, 55, Number.POSITIVE_INFINITY]

/** Shares of all standing interest, by era. */
export const ERA_SHARES: readonly number[] = [0.225, 0.15, 0.125, 0.13, 0.17, 0.105, 0.04, 0.034, 0.034]

/** Which era a song is of. */
export function eraOf(age_years: number): number {
  let era = 0
  while (age_years > ERA_YEARS[era]!) era++
  return era
}
