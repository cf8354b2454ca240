import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { runCommand } from '../../datasets/command.suite.ts'
import { createWorld } from '../kernel/world.ts'
import { isInside } from './arrival-tally.ts'
import { countHistory } from './count-history.ts'
import { countedHistory } from './counted-history.ts'
import { publishedClock } from './published-rhythm.ts'
import { scorecardCommand, spreadOf } from './scorecard.command.ts'
import { ROWS, score } from './scorecard.ts'
import { gapBin, gapsOfBin } from './tally.ts'

/** The rows of the published table, by tier. */
const TABLE = 'P1 P2 P3 P4 U1 R1 R2 R3 R4 L1 L2 L3 L4 L5 D1 D2 D3 S1 S2 K1 K2 K3 K4 T1 B1 Q1 G1 G2 Z1 N1'.split(' ')
const SELF =
  'song-choice arrival-gaps hour-of-week skip-hazard half-life recovery independence marginals structure'.split(' ')

const world = createWorld({ firstDay: '2023-01-01', lastYear: 2025, userCount: 150, songCount: 3_000 })
const DAYS = 60

describe('the scorecard', () => {
  it('has every row of the published table and of the kernel’s own laws, each with source and band', async () => {
    const ids = (tier: string): string[] => ROWS.filter((row) => row.tier === tier).map(({ id }) => id)
    assert.deepEqual(ids('T2').sort(), [...TABLE].sort())
    assert.deepEqual(ids('T1').sort(), [...SELF].sort())
    const { scorecard } = await score(world, DAYS, {
      mutants: false,
      stages: false,
      only: ROWS.map(({ id }) => id).filter((id) => id !== 'P3'),
    })
    assert.equal(scorecard.mutants_surviving, null)
    for (const { id, source, verdict, reason, checks } of scorecard.rows) {
      assert.ok(source.length > 0, id)
      if (verdict === 'not applicable') assert.ok(reason, id)
      else assert.ok(checks.length > 0, id)
      for (const { value, low, high } of checks) assert.ok(low <= high && !Number.isNaN(value), `${id}: ${value}`)
      if (verdict !== 'not applicable')
        assert.equal(
          verdict === 'in',
          checks.every((each) => each.in),
          id,
        )
    }
  })

  it('has a mutant for every row that measures something', () => {
    assert.deepEqual(
      ROWS.filter(({ mutant }) => mutant === undefined).map(({ id }) => id),
      ['G2', 'S2'],
    )
  })

  it('counts the same on one thread and on two', async () => {
    const { made, firstDay, dayCount, tracked, genreMass, tally } = await countedHistory({ made: world, dayCount: 20 })
    const plan = { made, judged: made, firstDay, dayCount, tracked, genreMass }
    const two = await countHistory(plan, { workers: 2 })
    for (const [name, numbers] of Object.entries(tally)) {
      const other = two[name as keyof typeof two]
      // Sums of fractions differ in their last digits by the order in which they were added.
      for (let i = 0; i < numbers.length; i++)
        assert.ok(Math.abs(numbers[i]! - other[i]!) <= 1e-9 * Math.abs(numbers[i]!), name)
    }
  })

  it('finds what is wrong with a world in which a mechanism is off or a law is broken', async () => {
    const only = ['P1', 'S1', 'K1', 'K4', 'T1', 'Q1', 'D1', 'skip-hazard', 'structure']
    const stageOf = new Map(ROWS.map((row) => [row.id, row.mutant]))
    for (const id of only) {
      const mutant = stageOf.get(id)!
      const right = createWorld({ ...world, userCount: 120, ...mutant.stage.parts })
      const made = mutant.wrong ? createWorld(mutant.wrong(right)) : right
      const what = { made, judged: mutant.judgedByRight ? right : made, dayCount: DAYS }
      const history = await countedHistory(mutant.tampering ? { ...what, tampering: mutant.tampering } : what)
      const measured = ROWS.find((row) => row.id === id)!.measure(history)
      assert.ok(Array.isArray(measured), id)
      assert.ok(
        measured.some(({ value, low, high }) => !(value >= low && value <= high)),
        `${id}: ${JSON.stringify(measured)}`,
      )
    }
  })

  it('finds no breach of structure in the kernel’s history', async () => {
    const { tally } = await countedHistory({ made: world, dayCount: DAYS })
    assert.ok(tally.events[0]! > 10_000)
    assert.equal(tally.violations[0], 0)
  })

  it('prints one JSON object with both shares and the rows, and writes a page that needs no network', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'scorecard-'))
    try {
      const file = join(folder, 'card.html')
      const args = [
        'scorecard',
        '--json',
        '--quiet',
        '--users',
        '120',
        '--songs',
        '2000',
        '--days',
        '45',
        '--workers',
        '1',
      ]
      const asked = [...args, '--no-mutants', '--rows', 'P1,D1,S1,K1', '--html', file, '--seeds', '2']
      const { exit, out } = await runCommand(scorecardCommand, asked)
      assert.equal(exit, 0)
      const card = JSON.parse(out)
      assert.ok(card.t1_in_band_share === 1 && card.t2_in_band_share >= 0 && card.t2_in_band_share <= 1)
      assert.deepEqual(
        card.rows.map(({ id }: { id: string }) => id),
        ['P1', 'D1', 'S1', 'K1'],
      )
      assert.equal(card.seeds, 2)
      assert.ok(card.spread.length > 8)
      const page = await readFile(file, 'utf8')
      assert.ok(page.includes('<svg') && page.includes('Realism scorecard'))
      assert.doesNotMatch(page, /(src|href)=|url\(|@import|NaN|undefined/)
    } finally {
      await rm(folder, { recursive: true })
    }
  })

  it('gives mean and deviation of each check over seeds', () => {
    const card = (value: number) => ({
      t1_in_band_share: 1,
      t2_in_band_share: 1,
      mutants_surviving: null,
      rows: [
        {
          id: 'P1',
          tier: 'T2' as const,
          quantity: '',
          published: '',
          source: '',
          verdict: 'in' as const,
          checks: [{ name: 'P', value, low: 0, high: 2, unit: '', in: value <= 2 }],
        },
      ],
    })
    assert.deepEqual(spreadOf([card(1), card(3)]), [
      { id: 'P1', check: 'P', mean: 2, deviation: Math.SQRT2, in_band_share: 0.5 },
    ])
  })
})

describe('what the scorecard counts with', () => {
  it('puts every gap into the bin that says it holds it', () => {
    for (let gap = 1; gap < 5_000; gap++) {
      const [from, to] = gapsOfBin(gapBin(gap))
      assert.ok(gap >= from && gap <= to, `${gap} not in ${from}–${to}`)
    }
  })

  it('runs the published clock fast in busy hours, and alike each week', () => {
    const monday_ms = Date.UTC(2024, 0, 1)
    const hours = (from: number, to: number): number =>
      publishedClock(monday_ms + to * 3_600_000) - publishedClock(monday_ms + from * 3_600_000)
    assert.ok(hours(17, 18) > 8 * hours(4, 5))
    assert.ok(Math.abs(hours(0, 168) - hours(168, 336)) < 1e-9)
    assert.ok(hours(167.9, 168.1) > 0)
  })

  it('covers Poisson counts 95 times in a hundred', () => {
    for (const mean of [20, 60, 300]) {
      let inside = 0
      let odds = Math.exp(-mean)
      for (let count = 0; count < 1_000; count++) {
        if (isInside(count, mean)) inside += odds
        odds *= mean / (count + 1)
      }
      assert.ok(inside > 0.94 && inside < 0.965, `${mean}: ${inside}`)
    }
  })
})
