/** The oracle against real reports: a history through the whole embedded way, and a report server over its tables. */
import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { startReportServer } from '../../api/reports/server.ts'
import { artists, songs } from '../../datasets/catalogue.ts'
import { runCommand } from '../../datasets/command.suite.ts'
import { addDays } from '../../datasets/day.ts'
import { openBackend } from '../../pipeline/backend.ts'
import { collect } from '../../pipeline/collector.ts'
import type { LogEntry } from '../../pipeline/event-log.ts'
import { loadHistory } from '../../pipeline/load-history.ts'
import { runNight } from '../../pipeline/night-job.ts'
import { users } from '../../simulation/kernel/user.ts'
import { catalogueOf, createWorld } from '../../simulation/kernel/world.ts'
import { simulateDays } from '../../simulation/simulate.ts'
import { writeWorldFile } from '../../simulation/world-file.ts'
import { loadCommand } from '../load.command.ts'
import type { RunResult } from '../run-result.ts'
import { difference } from '../scripts/difference.ts'
import type { Question } from '../scripts/read-reports.ts'
import { answerOracle } from './answer-oracle.ts'

/** A week from Monday to Sunday, so that "last week" is in it as soon as the next one begins. */
const world = createWorld({ songCount: 120, userCount: 120, firstDay: '2026-03-02', liveDay: '2026-03-09' })
const span = { firstDay: world.firstDay, lastDay: '2026-03-08' }
/** Sessions of the last day reach into this one. */
const asOf = addDays(span.lastDay, 1)
const now_ms = Date.parse(`${addDays(asOf, 1)}T12:00:00Z`)

describe('the answer oracle', () => {
  let questions: Question[]
  let right: Reports

  before(async () => {
    questions = await answerOracle({ world, ...span }, { asOf })
    right = await openReports(await historyEntries())
  })
  after(() => right.close())

  it('has questions for every reader, about curves, totals, hours and charts', () => {
    const kinds = new Map<string, number>()
    for (const { reader, name } of questions) kinds.set(`${reader} ${name}`, (kinds.get(`${reader} ${name}`) ?? 0) + 1)
    assert.deepEqual([...kinds.keys()].toSorted(), [
      'accountant GET /v1/reports/albums/:id',
      'accountant GET /v1/reports/songs/:id',
      'advertiser GET /v1/reports/days/:day',
      'advertiser GET /v1/reports/top/albums',
      'advertiser GET /v1/reports/top/artists',
      'advertiser GET /v1/reports/top/songs',
      'promoter GET /v1/reports/artists/:id',
    ])
    assert.ok(questions.some(({ path }) => path.includes('period=last-week')))
    const plays = questions.map(({ answer }) => (answer as { totals?: { plays: number } }).totals?.plays ?? 0)
    assert.ok(plays.filter((count) => count > 0).length > 50)
  })

  it('has the same questions on one worker and on two', async () => {
    assert.deepEqual(await answerOracle({ world, ...span }, { asOf, workers: 2 }), questions)
  })

  it('is right about every answer of a report server whose history went the whole way', async () => {
    assert.deepEqual(await wrongAnswers(right.url, questions), [])
  })

  it('finds a single play that was lost, one that was doubled and one that was given to another song', async () => {
    const entries = await historyEntries()
    const asked = new Set(questions.flatMap(({ path }) => /songs\/([^?]+)/.exec(path)?.[1] ?? []))
    const at = entries.findIndex(({ line }) => {
      const { event, songid } = JSON.parse(line) as { event: string; songid?: string }
      return event === 'play' && asked.has(songid!)
    })
    const entry = entries[at]!
    const doubled = { ...entry, eid: '0'.repeat(32), line: entry.line.replace(entry.eid, '0'.repeat(32)) }
    const { songid } = JSON.parse(entry.line) as { songid: string }
    const other = [...asked].find((id) => id !== songid)!
    const altered = { ...entry, line: entry.line.replace(songid, other) }
    for (const [fault, faulty] of [
      ['lost', entries.toSpliced(at, 1)],
      ['doubled', [...entries, doubled]],
      ['altered', entries.with(at, altered)],
    ] as const) {
      const reports = await openReports(faulty)
      try {
        const wrong = await wrongAnswers(reports.url, questions)
        assert.ok(
          wrong.some((text) => text.includes(songid)),
          `${fault}: ${wrong.slice(0, 3).join('; ')}`,
        )
      } finally {
        await reports.close()
      }
    }
  })

  it('makes musicbox load reports pass over right reports, and miss its threshold over a wrong one', async () => {
    const load = async (url: string) => {
      const folder = await mkdtemp(join(tmpdir(), 'musicbox-oracle-data-'))
      try {
        await writeWorldFile(folder, { seed: 'musicbox', world, lastDay: span.lastDay, events: 0 })
        const args = ['load', 'reports', '--data', folder, '--report-api', url, '--readers', '9', '--json']
        const ran = await runCommand(loadCommand, [...args, '--duration', '1s', '--think', '100ms', '--quiet'], {
          now: () => now_ms,
        })
        const result = JSON.parse(ran.out) as RunResult
        const missed = result.thresholds.filter(({ ok, metric }) => !ok && metric === 'answers_right')
        return { ...ran, result, missed }
      } finally {
        await rm(folder, { recursive: true })
      }
    }
    const passed = await load(right.url)
    assert.deepEqual(passed.missed, [], passed.err)
    assert.ok(passed.result.requests.count > 50)

    // Without its first third, most answers differ.
    const entries = await historyEntries()
    const wrong = await openReports(entries.slice(Math.floor(entries.length / 3)))
    try {
      const failed = await load(wrong.url)
      assert.equal(failed.exit, 99)
      assert.equal(failed.missed.length, 1)
      assert.match(failed.err, /\/v1\/reports\/.*: expected \d+, got \d+/)
    } finally {
      await wrong.close()
    }
  })
})

interface Reports {
  url: string
  close(): Promise<void>
}

/** The history's events, in the order of the log. */
async function historyEntries(): Promise<LogEntry[]> {
  const all: LogEntry[] = []
  for await (const { entries } of simulateDays(world, span)) all.push(...entries)
  return all
}

/** Log, collector, raw files, night job, and a report server over the tables. */
async function openReports(entries: readonly LogEntry[]): Promise<Reports> {
  const folder = await mkdtemp(join(tmpdir(), 'musicbox-oracle-'))
  const backend = openBackend({ data: folder })
  const catalogue = catalogueOf(world)
  await loadHistory(backend, {
    songs: () => songs(catalogue),
    artists: () => artists(catalogue),
    users: () => users(world),
    days: oneDay(entries),
  })
  const [raw, tables] = [await backend.raw(), await backend.tables()]
  await collect({ log: await backend.log(), raw, clock: () => now_ms, maxBatchEvents: 5_000 })
  await runNight({ raw, warehouse: await backend.warehouse(), tables }, { through: asOf })
  const server = await startReportServer({ tables, port: 0, clock: () => now_ms, notice_ms: 0, deadline_ms: 1000 })
  return {
    url: server.url,
    async close() {
      await server.close()
      await backend.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

async function* oneDay(entries: readonly LogEntry[]): AsyncGenerator<{ day: string; entries: readonly LogEntry[] }> {
  yield { day: span.firstDay, entries }
}

/** Each as `path: place: expected x, got y`. */
async function wrongAnswers(url: string, questions: readonly Question[]): Promise<string[]> {
  const wrong: string[] = []
  for (const { path, meta, answer } of questions) {
    const came = (await (await fetch(url + path)).json()) as { meta?: unknown }
    const found = (meta && difference(meta, came.meta)) ?? difference(answer, came)
    if (found !== undefined) wrong.push(`${path}: ${found}`)
  }
  return wrong
}
