import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { captured, type Ran } from './datasets/command.suite.ts'
import { musicbox } from './musicbox.ts'

const COMMANDS = [
  'simulate',
  'scenario',
  'export',
  'truth',
  'expect',
  'twin',
  'fit',
  'score',
  'scorecard',
  'import',
  'serve',
  'collect',
  'aggregate',
  'load',
  'parity',
  'capacity',
  'compare',
  'report',
  'verify',
  'dump',
  'demo',
  'bench',
]

const run = (args: readonly string[]): Promise<Ran> =>
  captured(musicbox, args, { now: () => Date.parse('2026-03-01T12:00:00Z') })

describe('the command line', () => {
  it('has help with every command and the table of exit codes', async () => {
    const { exit, out } = await run(['--help'])
    assert.equal(exit, 0)
    for (const command of COMMANDS) assert.match(out, new RegExp(`^ {2}${command} `, 'm'))
    assert.match(out, /^ +99 {2}a threshold was missed/m)
  })

  for (const command of COMMANDS) {
    it(`has help for ${command}, which knows --json`, async () => {
      const { exit, out } = await run([command, '--help'])
      assert.equal(exit, 0)
      assert.match(out, /--json/)
    })
  }

  it('says what it expected when a flag is wrong, and exits with 104', async () => {
    const { exit, err, out } = await run(['load', '--listeners', '0'])
    assert.equal(exit, 104)
    assert.match(err, /whole number from 1 to 1000/)
    assert.equal(out, '')
  })

  it('exits with 104 for a command that it does not know', async () => {
    assert.equal((await run(['frobnicate'])).exit, 104)
  })

  it('serves others than this machine only when events need a token', async () => {
    const { exit, err } = await run(['serve', '--host', '0.0.0.0'])
    assert.equal(exit, 104)
    assert.match(err, /--require-token/)
  })

  it('proves nothing about a folder or a ledger that is not there', async () => {
    const { exit, err } = await run(['verify', '--data', '/nonexistent'])
    assert.equal(exit, 7)
    assert.match(err, /\/nonexistent/)
  })

  it('dumps only tables that there are', async () => {
    assert.equal((await run(['dump', '--table', 'nope'])).exit, 104)
  })

  it('says what to do when there is no history to load with', async () => {
    const { exit, err, out } = await run(['load', '--data', '/nonexistent', '--json'])
    assert.equal(exit, 7)
    assert.match(err, /simulate/)
    assert.equal(JSON.parse(out).error.code, 'not.found')
  })
})
