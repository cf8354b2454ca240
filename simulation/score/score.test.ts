import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { type Ran, runCommand } from '../../datasets/command.suite.ts'
import { addDays } from '../../datasets/day.ts'
import { sfc32 } from '../../datasets/random.ts'
import { KEY_COLUMNS, keyLines } from '../dirt/answer-key.ts'
import { NO_DIRT } from '../dirt/dirt.ts'
import { dirtyDay } from '../dirt/dirty.ts'
import { createWorld } from '../kernel/world.ts'
import { writeWorldFile } from '../world-file.ts'
import { adjustedRand, kappa, retrieval } from './agreement.ts'
import { parseAnswers } from './answer-file.ts'
import { CHANGE_POINT } from './change-point.ts'
import { churnLoss, type Leaving } from './churn.ts'
import { BOTS, DEDUP, scoreDirt } from './dirt-found.ts'
import { judged } from './judged.ts'
import { scoreCommand, scoreOf, TASKS } from './score.command.ts'
import type { ScoredHistory } from './task.ts'

const world = createWorld({
  songCount: 3_000,
  userCount: 250,
  knobs: { sessionsPerDay: 0.6, churnPerYear: 0.9 },
  shocks: [
    { kind: 'holiday', name: 'a quiet week', day: '2026-02-20', days: 5, size: 0.2 },
    { kind: 'viral', name: 'a dance', song: 5, day: '2026-03-05', size: 40, fadeDays: 10 },
    { kind: 'death', name: 'a singer', artist: 2, day: '2026-01-25', size: 20, fadeDays: 10 },
  ],
})
const history: ScoredHistory = { world, firstDay: world.firstDay, lastDay: addDays(world.firstDay, 119) }

/** The same answers, dealt out at random among the questions. */
function shuffled(rows: readonly string[][]): string[][] {
  const draws = sfc32([1, 2, 3, 4])
  const answers = rows.map(([, ...answer]) => answer)
  for (let at = answers.length - 1; at > 0; at--) {
    const other = draws.below(at + 1)
    ;[answers[at], answers[other]] = [answers[other]!, answers[at]!]
  }
  return rows.map(([id], at) => [id!, ...answers[at]!])
}

describe('the scored tasks', () => {
  for (const name of ['peak-day', 'half-life', 'churn', 'segment', 'taste'] as const) {
    const task = TASKS[name]!
    it(`${name}: the truth gets 1, the same answers dealt out at random about 0`, () => {
      const perfect = task.perfect(history)
      assert.ok(perfect.length >= 20, `${perfect.length} questions`)
      assert.equal(scoreOf(task, history, perfect), 1)
      assert.ok(Math.abs(scoreOf(task, history, shuffled(perfect))) < 0.25)
      assert.ok(scoreOf(task, history, perfect.slice(0, perfect.length / 2)) < 0.9, 'half of the answers is not enough')
    })
  }

  for (const name of ['peak-day', 'half-life', 'churn', 'segment', 'taste'] as const) {
    it(`${name}: the naive answers lie between chance and truth, and fall to chance when they are shuffled`, async () => {
      const task = TASKS[name]!
      const baseline = await task.baseline(history)
      const score = scoreOf(task, history, baseline)
      assert.ok(score > 0.05 && score < 0.95, `${score}`)
      const dealt = scoreOf(task, history, shuffled(baseline))
      assert.ok(dealt < score - 0.03, `${dealt} after shuffling, ${score} before`)
    })
  }

  it('churn: who knows rates and hazards does better than the naive, and not perfectly', async () => {
    const task = TASKS['churn']!
    const ceiling = scoreOf(task, history, task.ceiling!(history))
    assert.ok(ceiling > scoreOf(task, history, await task.baseline(history)) && ceiling < 1)
  })

  it('change-point: the truth gets 1, days dealt out to other targets get 0, one of three a half', () => {
    const perfect = CHANGE_POINT.perfect(history)
    assert.equal(perfect.length, 3)
    assert.equal(scoreOf(CHANGE_POINT, history, perfect), 1)
    const turned = perfect.map(([day], at) => [day!, perfect[(at + 1) % 3]![1]!])
    assert.equal(scoreOf(CHANGE_POINT, history, turned), 0)
    assert.equal(scoreOf(CHANGE_POINT, history, perfect.slice(0, 1)), 0.5)
    const near = perfect.map(([day, target], at) => [addDays(day!, at === 0 ? 4 : 3), target!])
    assert.ok(Math.abs(scoreOf(CHANGE_POINT, history, near) - 2 / 3) < 1e-12, 'three days off is found, four is not')
    assert.equal(scoreOf(CHANGE_POINT, history, [...perfect, ...perfect]), 2 / 3, 'an onset is found once')
  })

  it('change-point: naive answers are of the form', async () => {
    const baseline = await CHANGE_POINT.baseline(history)
    assert.ok(baseline.some(([, target]) => target === 'global'))
    const score = scoreOf(CHANGE_POINT, history, baseline)
    assert.ok(score >= 0 && score < 1)
  })
})

describe('churn', () => {
  const truths = Array.from({ length: 600 }, (_, user) => ({
    id: `u${user}`,
    truth: (user % 5 === 0 ? { left: true, day: 20_000 + ((user * 37) % 300) } : { left: false }) as Leaving,
  }))
  const rules = {
    id: 'uid',
    read: ({ left, day }: Readonly<Record<string, string>>): Leaving =>
      left === '1' ? { left: true, day: Number(day) } : { left: false },
    loss: churnLoss,
    show: ({ left }: Leaving) => String(left),
  }
  const scored = (of: (user: number) => Leaving): number => {
    const rows = truths.map(({ id }, user) => [id, of(user).left ? '1' : '0', String(of(user).day ?? '')])
    const csv = [['uid', 'left', 'day'], ...rows].map((row) => `${row.join(',')}\n`).join('')
    return judged(truths, parseAnswers(csv, ['uid'], 'test'), 'test', rules).score
  }

  it('is perfect with the truth, and 0 for "nobody leaves", however true that mostly is', () => {
    assert.equal(
      scored((user) => truths[user]!.truth),
      1,
    )
    assert.ok(Math.abs(scored(() => ({ left: false }))) < 1e-12)
    assert.ok(Math.abs(scored((user) => truths[(user + 1) % 600]!.truth)) < 0.35)
  })

  it('takes half for the right verdict on the wrong day', () => {
    const wrongDay = scored((user) => ({ ...truths[user]!.truth, ...(truths[user]!.truth.left && { day: 30_000 }) }))
    assert.ok(wrongDay > 0.4 && wrongDay < 0.9, String(wrongDay))
    assert.equal(churnLoss({ left: true }, { left: true, day: 5 }), 0.5)
    assert.equal(churnLoss({ left: true, day: 20 }, { left: true, day: 5 }), 0.25)
  })
})

describe('agreement', () => {
  it('kappa has the value of a known table', () => {
    // Cohen's unweighted kappa of 20 yes-yes, 5 yes-no, 10 no-yes and 15 no-no is 0.4.
    const pairs = [
      ...Array.from({ length: 20 }, () => ['y', 'y']),
      ...Array.from({ length: 5 }, () => ['y', 'n']),
      ...Array.from({ length: 10 }, () => ['n', 'y']),
      ...Array.from({ length: 15 }, () => ['n', 'n']),
    ]
    const found = kappa(
      pairs.map(([a]) => a),
      pairs.map(([, b]) => b),
      (a, b) => (a === b ? 0 : 1),
    )
    assert.ok(Math.abs(found - 0.4) < 1e-12)
  })

  it('the adjusted Rand index has known values, and does not care for names', () => {
    const truth = ['a', 'a', 'a', 'b', 'b', 'b']
    assert.equal(adjustedRand(['1', '1', '1', '2', '2', '2'], truth), 1)
    // Hubert and Arabie's formula by hand: (2 − 2.4) / (4.5 − 2.4) … for pairs 6 of 15 in the truth, 3 + 1 + 0 given.
    const pairs = { together: 2, answer: 3, truth: 6, all: 15 }
    const chance = (pairs.answer * pairs.truth) / pairs.all
    const expected = (pairs.together - chance) / ((pairs.answer + pairs.truth) / 2 - chance)
    assert.ok(Math.abs(adjustedRand(['1', '1', '2', '2', '3', '3'], truth) - expected) < 1e-12)
    assert.equal(adjustedRand(['1', '1', '1', '1', '1', '1'], truth), 0)
  })

  it('retrieval of nothing from nothing is perfect', () => {
    assert.deepEqual(retrieval(0, 0, 0), { precision: 1, recall: 1, f1: 1 })
    assert.deepEqual(retrieval(1, 2, 4), { precision: 0.5, recall: 0.25, f1: 1 / 3 })
  })
})

describe('musicbox score', () => {
  let folder: string
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-score-'))
    await writeWorldFile(folder, { seed: 'x', world, lastDay: history.lastDay, events: undefined })
  })
  after(() => rm(folder, { recursive: true, force: true }))

  const run = (...args: string[]): Promise<Ran> => runCommand(scoreCommand, ['score', '--data', folder, ...args])

  it('writes naive answers, which then score as the baseline', async () => {
    const path = join(folder, 'answers.csv')
    assert.match((await run('--baseline', 'peak-day', '--out', path)).out, /\d+ naive answers/)
    const { out } = await run('peak-day', path, '--json', '--worst', '2')
    const result = JSON.parse(out) as { score: number; baseline_score: number; worst: { track_id: string }[] }
    assert.equal(result.score, result.baseline_score)
    assert.equal(result.worst.length, 2)
    assert.match((await run('peak-day', path)).out, /peak-day: 0\.\d+[\s\S]*The worst:[\s\S]*TR/)
  })

  it('says what is wrong with a file of answers, and where', async () => {
    const path = join(folder, 'wrong.csv')
    const wrong = async (task: string, text: string): Promise<string> => {
      await writeFile(path, text)
      return (await run(task, path)).err
    }
    assert.match(await wrong('peak-day', 'song,day\n'), /names the columns track_id, day; missing: track_id/)
    assert.match(await wrong('peak-day', 'track_id,day\nTRX,soon\n'), /line 2: expected a day, got "soon"/)
    assert.match(await wrong('half-life', 'track_id,half_life_days\nTRX,-3\n'), /line 2: expected a number of days/)
    assert.match(await wrong('peak-day', 'track_id,day\nA,\nA,\n'), /line 3: A is answered in line 2 already/)
    assert.match(await wrong('change-point', 'day,target\n2026-01-01,\n'), /line 2: expected a track id/)
    assert.match(await wrong('no-task', 'x\n'), /expected a task of peak-day/)
    assert.match((await run('peak-day', join(folder, 'none.csv'))).err, /expected a file of answers/)
    assert.match((await run()).err, /expected a task and a file of answers/)
    assert.match(await wrong('dedup', 'file,line\n'), /--key/)
  })

  it('scores what was found in dirty files', async () => {
    const dirt = { ...NO_DIRT, duplicates: 0.05, bots: 0.01 }
    const { marks } = dirtyDay(world, dirt, world.firstDay)
    const [key, answers] = [join(folder, 'dirt.csv'), join(folder, 'found.csv')]
    await writeFile(key, `${KEY_COLUMNS.join(',')}\n${keyLines('a.jsonl', marks)}`)
    const lines = marks.filter(({ kind }) => kind === 'duplicate').map(({ line }) => line)
    await writeFile(answers, `file,line\n${lines.map((line) => `a.jsonl,${line}\n`).join('')}`)
    assert.equal((await scoreDirt(DEDUP, answers, key)).score, 1)
    await writeFile(answers, `file,line\n${lines.map((line) => `a.jsonl,${line + 1}\n`).join('')}`)
    assert.ok((await scoreDirt(DEDUP, answers, key)).score < 0.3, 'the line after is another one')
    const bots = [...new Set(marks.filter(({ kind }) => kind === 'bot').map(({ after: uid }) => uid))]
    await writeFile(answers, `uid\n${bots.map((uid) => `${uid}\n`).join('')}somebody\n`)
    const { score, worst } = await scoreDirt(BOTS, answers, key)
    assert.ok(bots.length > 0 && score < 1 && score >= 2 / 3)
    assert.deepEqual(worst, [{ verdict: 'false alarm', what: 'somebody' }])
    assert.match((await run('dedup', answers, '--key', key)).err, /missing: file, line/)
  })
})
