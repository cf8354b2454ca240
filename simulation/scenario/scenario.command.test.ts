import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { Command } from 'commander'
import { runCommands } from '../../datasets/command.ts'
import type { Host } from '../../datasets/host.ts'
import { scenarioCommand } from './scenario.command.ts'
import { scenarioJsonSchema } from './scenario.ts'
import { loadScenario } from './shipped.ts'

async function run(...args: string[]): Promise<{ exit: number; out: string; err: string }> {
  const written = { out: '', err: '' }
  const host: Host = {
    args: ['scenario', ...args],
    stdout: { write: (text) => (written.out += text) },
    stderr: { write: (text) => (written.err += text) },
    env: {},
    signal: new AbortController().signal,
    isTerminal: false,
    now: () => 0,
  }
  const exit = await runCommands(new Command('musicbox').addCommand(scenarioCommand(host)), host)
  return { exit, ...written }
}

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
