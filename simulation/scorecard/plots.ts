/** What can be seen of a history: each plot shows what a row measures, beside what was published. */
import type { CountedHistory } from './counted-history.ts'
import { appetite, gapHistogram, heapsCurve } from './memory-rows.ts'
import type { Plot } from './plot.ts'
import { PUBLISHED_WEEKDAY, PUBLISHED_WEEKEND } from './published-rhythm.ts'
import { hourlyMeans } from './rhythm-rows.ts'
import { cohortCurve, decadeShares, PUBLISHED_DECADES } from './song-life-rows.ts'
import { fitDecay } from './statistics/decay-fit.ts'
import { fitGaps } from './statistics/gap-law.ts'
import { survival } from './statistics/kaplan-meier.ts'

export function plotsOf(history: CountedHistory): Plot[] {
  return [
    rankFrequency(history),
    activity(history),
    hours(history, 'weekday'),
    hours(history, 'weekend'),
    skips(history),
    sessionSizes(history),
    interestByAge(history),
    decades(history),
    gapsOf(history),
    appetiteOf(history),
    heapsOf(history),
    night(history),
  ].filter(({ series }) => series[0]!.x.length > 3)
}

const descending = (counts: ArrayLike<number>): number[] =>
  Array.from(counts)
    .filter((count) => count > 0)
    .sort((a, b) => b - a)

/** Places from 0 that lie evenly in the logarithm: a plot needs no more. */
function sparse(length: number, points = 120): number[] {
  const at = Array.from({ length: points }, (_, i) => Math.round(length ** (i / (points - 1))) - 1)
  return [...new Set(at)].filter((each) => each < length)
}

function rankFrequency({ songPlays, artistPlays }: CountedHistory): Plot {
  const series = (
    [
      ['songs', 'simulated', songPlays],
      ['artists', 'second', artistPlays],
    ] as const
  ).map(([name, role, counts]) => {
    const sorted = descending(counts)
    const at = sparse(sorted.length)
    return { name, role, shape: 'line' as const, x: at.map((i) => i + 1), y: at.map((i) => sorted[i]!) }
  })
  return {
    title: 'Rank and frequency',
    rows: ['P1', 'P2'],
    note: 'Plays of songs and artists by rank.',
    xLabel: 'rank',
    yLabel: 'plays',
    xScale: 'log',
    yScale: 'log',
    series,
  }
}

function activity({ tally }: CountedHistory): Plot {
  const sorted = descending(tally.userPlays)
  const at = sparse(sorted.length)
  const logs = sorted.map(Math.log)
  const mean = logs.reduce((sum, each) => sum + each, 0) / logs.length
  const law = [2.6, 2.2, 1.8, 1.4, 1, 0.6, 0.2, -0.2, -0.6, -1, -1.4, -1.8]
  const tails = [0.0047, 0.0139, 0.0359, 0.0808, 0.1587, 0.2743, 0.4207, 0.5793, 0.7257, 0.8413, 0.9192, 0.9641]
  return {
    title: 'Activity of listeners',
    rows: ['U1'],
    note: 'Share of listeners with at least so many plays.',
    xLabel: 'plays',
    yLabel: 'share of listeners',
    xScale: 'log',
    yScale: 'log',
    series: [
      {
        name: 'simulated',
        role: 'simulated',
        shape: 'line',
        x: at.map((i) => sorted[i]!),
        y: at.map((i) => (i + 1) / sorted.length),
      },
      {
        name: 'lognormal, sigma 1.11',
        role: 'published',
        shape: 'line',
        x: law.map((z) => Math.exp(mean + 1.11 * z)),
        y: tails,
      },
    ],
  }
}

function hours({ tally }: CountedHistory, part: 'weekday' | 'weekend'): Plot {
  const means = hourlyMeans(tally.playHour)
  const all = [...means.weekday, ...means.weekend]
  const [least, most] = [Math.min(...all), Math.max(...all)]
  const x = Array.from({ length: 24 }, (_, hour) => hour)
  return {
    title: part === 'weekday' ? 'Hours of Monday to Friday' : 'Hours of the weekend',
    rows: ['D1', 'D2'],
    note: 'Plays by local hour, both scaled from the quietest to the busiest hour of the week.',
    xLabel: 'hour',
    yLabel: 'plays, scaled',
    yFrom: 0,
    series: [
      {
        name: 'simulated',
        role: 'simulated',
        shape: 'line',
        x,
        y: means[part].map((value) => (value - least) / (most - least)),
      },
      {
        name: 'published (Park et al. 2019)',
        role: 'published',
        shape: 'dots',
        x,
        y: part === 'weekday' ? PUBLISHED_WEEKDAY : PUBLISHED_WEEKEND,
      },
    ],
  }
}

function skips({ tally }: CountedHistory): Plot {
  const curve = survival(tally.leftAt, tally.heardOut)
  const x = Array.from({ length: 240 }, (_, second) => second + 1)
  return {
    title: 'How long songs are heard',
    rows: ['K1', 'K3'],
    note: 'Share of plays that were not left, by seconds heard (Kaplan–Meier).',
    xLabel: 'seconds heard',
    yLabel: 'still listening',
    yFrom: 0,
    series: [
      {
        name: 'simulated',
        role: 'simulated',
        shape: 'line',
        x: [0, ...x],
        y: [1, ...x.map((second) => curve[second - 1]!)],
      },
      { name: 'published (Lamere 2014): 5 s, 30 s', role: 'published', shape: 'dots', x: [5, 30], y: [0.76, 0.6495] },
    ],
  }
}

function sessionSizes({ tally }: CountedHistory): Plot {
  const all = tally.sizes.reduce((sum, count) => sum + count, 0)
  const x = Array.from({ length: 200 }, (_, i) => i + 1).filter((size) => tally.sizes[size]! > 0)
  return {
    title: 'Sizes of sessions',
    rows: ['S1'],
    note: 'Share of sessions with so many plays; a session ends with 30 quiet minutes.',
    xLabel: 'plays in the session',
    yLabel: 'share of sessions',
    xScale: 'log',
    yScale: 'log',
    series: [{ name: 'simulated', role: 'simulated', shape: 'dots', x, y: x.map((size) => tally.sizes[size]! / all) }],
  }
}

function interestByAge(history: CountedHistory): Plot {
  const { ages, levels } = cohortCurve(history)
  const { biexponential, exponential } = fitDecay(ages, levels)
  return {
    title: 'Interest by age of the song',
    rows: ['L1'],
    note: 'Mean interest in a song, the first year 1: the kernel’s law for new songs, followed for twenty years.',
    xLabel: 'age, years',
    yLabel: 'mean interest',
    yScale: 'log',
    series: [
      { name: 'simulated', role: 'simulated', shape: 'dots', x: ages, y: levels },
      { name: 'bi-exponential', role: 'law', shape: 'line', x: ages, y: ages.map(biexponential.at) },
      { name: 'exponential', role: 'second', shape: 'line', x: ages, y: ages.map(exponential.at) },
    ],
  }
}

function decades(history: CountedHistory): Plot {
  const x = [0, 1, 2, 3, 4, 5, 6]
  return {
    title: 'Plays by decade of release',
    rows: ['L2'],
    note: 'Shares of plays by the decade of the song, beside Luminate 2024.',
    xLabel: 'decade of release',
    yLabel: '% of plays',
    xNames: ['2020s', '2010s', '2000s', '1990s', '1980s', '1970s', 'older'],
    yFrom: 0,
    series: [
      { name: 'simulated', role: 'simulated', shape: 'bars', x, y: decadeShares(history) },
      { name: 'published (Luminate 2024)', role: 'published', shape: 'bars', x, y: PUBLISHED_DECADES },
    ],
  }
}

function gapsOf({ tally }: CountedHistory): Plot {
  const { gaps, widths, counts } = gapHistogram(tally.gaps)
  const all = counts.reduce((sum, count) => sum + count, 0)
  const { alpha, cutoff } = fitGaps(gaps, widths, counts).cutoff
  const law = gaps.map((gap) => gap ** -alpha * Math.exp(-gap / cutoff))
  const whole = law.reduce((sum, value, i) => sum + value * widths[i]!, 0)
  return {
    title: 'Plays until a song comes back',
    rows: ['R2'],
    note: 'Density of gaps, in plays, between two plays of a song by a listener.',
    xLabel: 'plays between',
    yLabel: 'density',
    xScale: 'log',
    yScale: 'log',
    series: [
      {
        name: 'simulated',
        role: 'simulated',
        shape: 'dots',
        x: gaps,
        y: counts.map((count, i) => count / widths[i]! / all),
      },
      {
        name: `power law with cutoff, exponent ${alpha.toFixed(2)}`,
        role: 'law',
        shape: 'line',
        x: gaps,
        y: law.map((value) => value / whole),
      },
    ],
  }
}

function appetiteOf({ tally }: CountedHistory): Plot {
  const { exposures, rising } = appetite(tally)
  return {
    title: 'Appetite by exposure',
    rows: ['R3'],
    note: 'Share of waits for the next play that are shorter than the wait before: above a half, appetite grows.',
    xLabel: 'plays of the song so far',
    yLabel: 'share of waits that are shorter',
    yFrom: 0.3,
    series: [{ name: 'simulated', role: 'simulated', shape: 'line', x: exposures, y: rising }],
  }
}

function heapsOf({ tally }: CountedHistory): Plot {
  const { points, distinct } = heapsCurve(tally)
  return {
    title: 'Songs that listeners have met',
    rows: ['R1'],
    note: 'Distinct songs after so many plays, mean of listeners with 4,096 plays and more.',
    xLabel: 'plays',
    yLabel: 'distinct songs',
    xScale: 'log',
    yScale: 'log',
    series: [
      { name: 'simulated', role: 'simulated', shape: 'line', x: points, y: distinct },
      { name: 'every play a new song', role: 'published', shape: 'line', x: points, y: points },
    ],
  }
}

function night({ tally }: CountedHistory): Plot {
  const x = Array.from({ length: 24 }, (_, hour) => hour)
  return {
    title: 'Energy of what is played',
    rows: ['D3'],
    note: 'Mean energy of songs by local hour.',
    xLabel: 'hour',
    yLabel: 'energy, 0 to 1',
    series: [
      {
        name: 'simulated',
        role: 'simulated',
        shape: 'line',
        x,
        y: x.map((hour) => tally.energy[hour]! / tally.energyPlays[hour]!),
      },
    ],
  }
}
