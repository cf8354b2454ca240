import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { type Ran, runCommand } from '../../datasets/command.suite.ts'
import { addDays, daysBetween } from '../../datasets/day.ts'
import { createWorld } from '../kernel/world.ts'
import { loadScenario } from '../scenario/shipped.ts'
import { dayLines } from '../stored-line.ts'
import { fitCommand } from './fit.command.ts'

const run = (...args: string[]): Promise<Ran> => runCommand(fitCommand, ['fit', ...args])

describe('musicbox fit', () => {
  it('reads a log, compressed or not, passes over what is no event, and writes the twin’s scenario', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'musicbox-fit-'))
    try {
      const world = createWorld({ userCount: 60, songCount: 200 })
      const days = daysBetween(world.firstDay, addDays(world.firstDay, 6))
      const lines = days.flatMap((day) => dayLines(world, day).map(({ line }) => line))
      const text = `${[...lines, '', 'no event', '{"ts":1}', 'null'].join('\n')}\n`
      const [plain, zipped, out] = ['log.jsonl', 'log.jsonl.gz', 'twin.json'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ]
      await writeFile(plain, text)
      await writeFile(zipped, gzipSync(text))
      const result = JSON.parse((await run(zipped, '--songs', '200', '--out', out, '--json')).out)
      assert.deepEqual([result.events, result.lines, result.rejected], [lines.length, lines.length + 3, 3])
      assert.deepEqual(loadScenario(out), result.scenario)
      assert.equal(result.copies.sessions_copied, 0)
      assert.match((await run(plain, '--songs', '200')).out, /│ left_by_30s /)
      await writeFile(zipped, gzipSync(text).subarray(0, 2_000))
      assert.equal((await run(zipped)).exit, 5)
      assert.equal((await run(join(folder, 'none.jsonl'))).exit, 7)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })
})
