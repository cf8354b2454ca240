import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { type Ran, runCommand } from '../../datasets/command.suite.ts'
import { twinCommand } from './twin.command.ts'

const run = (...args: string[]): Promise<Ran> => runCommand(twinCommand, ['twin', ...args])

describe('musicbox twin', () => {
  it('prints the effect of a knob, for people, for programs and by user', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'musicbox-twin-'))
    try {
      const [scenario, effects] = [join(folder, 'small.json'), join(folder, 'effects.csv')]
      const small = { name: 'small', description: 'Small.', songs: 300, users: 40, first_day: '2025-03-01', days: 20 }
      await writeFile(scenario, JSON.stringify(small))
      const asked = ['--scenario', scenario, '--knob', 'skip=2', '--effects', effects]
      assert.match((await run(...asked)).out, /│ skips /)
      const result = JSON.parse((await run(...asked, '--json')).out)
      assert.equal(result.effects.plays.effect, 0)
      assert.ok(result.effects.skips.effect > 0)
      const [head, ...lines] = (await readFile(effects, 'utf8')).trimEnd().split('\n')
      assert.equal(lines.length, result.users_affected)
      const skips = head!.split(',').indexOf('skips')
      assert.equal(
        lines.reduce((sum, line) => sum + Number(line.split(',')[skips]), 0),
        result.effects.skips.effect,
      )
      assert.match((await run('--scenario', scenario)).out, /differ in no byte/)
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  })

  it('names a knob or a field that there is not', async () => {
    const knob = await run('--scenario', 'christmas', '--knob', 'skp=2')
    assert.equal(knob.exit, 104)
    assert.match(knob.err, /knobs\.skp: unknown field; did you mean `skip`\?/)
    const shock = await run('--scenario', 'christmas', '--shock', 'kind=viral,song=rank:1,day=2025-12-01,size=5')
    assert.match(shock.err, /shocks\[4\]\.fade_days: expected a number/)
    assert.match((await run('--scenario', 'christmas', '--knob', 'skip')).err, /name=value/)
  })
})
