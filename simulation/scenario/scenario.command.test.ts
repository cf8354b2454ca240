import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Ran, runCommand } from '../../datasets/command.suite.ts'
import { scenarioCommand } from './scenario.command.ts'
import { scenarioJsonSchema } from './scenario.ts'
import { loadScenario } from './shipped.ts'

const run = (...args: string[]): Promise<Ran> => runCommand(scenarioCommand, ['scenario', ...args])

describe('musicbox scenario', () => {
  it('lists, for people and for programs', async () => {
    assert.match((await run('list')).out, /christmas/)
    const { scenarios } = JSON.parse((await run('list', '--json')).out) as { scenarios: { name: string }[] }
    assert.equal(scenarios.length, 6)
  })

  it('shows a scenario with its defaults, as another scenario file', async () => {
    assert.deepEqual(JSON.parse((await run('show', 'christmas')).out), loadScenario('christmas'))
  })

  it('prints the schema', async () => {
    assert.deepEqual(JSON.parse((await run('schema')).out), JSON.parse(JSON.stringify(scenarioJsonSchema())))
  })

  it('checks one, with the indices that its ranks stand for', async () => {
    const { shocks, last_day } = JSON.parse((await run('check', 'artist-death', '--json')).out)
    assert.equal(last_day, '2025-12-31')
    assert.equal(typeof shocks[0].artist, 'number')
  })

  it('ends with what is wrong', async () => {
    const missing = await run('check', 'none.json', '--json')
    assert.equal(missing.exit, 7)
    assert.equal(JSON.parse(missing.out).error.code, 'not.found')
    assert.equal((await run('show')).exit, 104)
    assert.equal((await run('sing', 'x')).exit, 104)
  })
})
