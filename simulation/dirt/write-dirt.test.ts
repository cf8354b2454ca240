import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { CsvRows } from '../../datasets/csv-rows.ts'
import { cellsOfUser, USER_COLUMNS } from '../../datasets/user-csv.ts'
import { userAt } from '../kernel/user.ts'
import { createWorld } from '../kernel/world.ts'
import { dayLines } from '../stored-line.ts'
import { KEY_COLUMNS } from './answer-key.ts'
import { cleaned } from './clean.ts'
import { type Dirt, type DirtKind, type DirtMark, NO_DIRT } from './dirt.ts'
import { dirtyDay } from './dirty.ts'
import { writeDirt } from './write-dirt.ts'

const world = createWorld({ userCount: 80, songCount: 300, knobs: { growthPerYear: 0 } })
const dirt: Dirt = {
  ...NO_DIRT,
  duplicates: 0.1,
  late: 0.1,
  late_ms_max: 60_000,
  missing_fields: 0.1,
  truncated_files: 1,
}
const DAYS = ['2026-01-01', '2026-01-02']

const partOf = (day: string): string => `events/dt=${day}/part-0000.jsonl`

function rowsOf(text: string): string[][] {
  const rows = new CsvRows()
  return [...rows.push(text), ...rows.end()].map(({ cells }) => cells)
}

describe('the dirty twin on disk', () => {
  let folder = ''
  let key: string[][] = []
  const dirtyFile = (name: string): Promise<string> => readFile(join(folder, 'dirty', name), 'utf8')
  const marksOf = (name: string): DirtMark[] =>
    key
      .filter(([file]) => file === name)
      .map(([, line, eid = '', kind, field = '', before = '', after = '']) => {
        return { line: Number(line), eid, kind: kind as DirtKind, field, before, after }
      })
  const cleanDay = (day: string): string =>
    dayLines(world, day)
      .map(({ line }) => `${line}\n`)
      .join('')

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'musicbox-dirt-'))
    await writeDirt(world, dirt, { firstDay: DAYS[0]!, lastDay: DAYS[1]! }, folder)
    key = rowsOf(await dirtyFile('dirt.csv'))
  })
  after(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  it('has each day as it arrived, and a key row for everything that is wrong', async () => {
    assert.deepEqual(key[0], [...KEY_COLUMNS])
    for (const day of DAYS) {
      const { text, marks } = dirtyDay(world, dirt, day)
      assert.equal(await dirtyFile(partOf(day)), text)
      assert.deepEqual(marksOf(partOf(day)), marks)
    }
  })

  it('is the clean day again, byte for byte, when its key as it stands in the file is undone', async () => {
    for (const day of DAYS) {
      const text = await dirtyFile(partOf(day))
      assert.notEqual(text, cleanDay(day))
      assert.equal(cleaned({ text, marks: marksOf(partOf(day)) }), cleanDay(day))
    }
  })

  it('is not the clean day when one row of its key is lost', async () => {
    const text = await dirtyFile(partOf(DAYS[0]!))
    const marks = marksOf(partOf(DAYS[0]!))
    const lost = marks.findIndex(({ kind }) => kind === 'duplicate')
    assert.notEqual(cleaned({ text, marks: marks.toSpliced(lost, 1) }), cleanDay(DAYS[0]!))
  })

  it('has users without a zip code, whose key rows name the user and restore it', async () => {
    const users = rowsOf(await dirtyFile('users.csv'))
    assert.equal(users.length, 1 + world.userCount)
    const marks = marksOf('users.csv')
    const zip = USER_COLUMNS.indexOf('zip')
    assert.equal(users.filter((cells) => cells[zip] === '').length, marks.length)
    assert.ok(marks.length > 0)
    for (const { line, eid, field, before, after } of marks) {
      const cells = users[line - 1]!
      assert.deepEqual([cells[0], field, cells[zip]], [eid, 'zip', JSON.parse(after)])
      cells[zip] = JSON.parse(before)
    }
    const clean = Array.from({ length: world.userCount }, (_, i) => cellsOfUser(userAt(world, i)).map(String))
    assert.deepEqual(users.slice(1), clean)
  })
})
