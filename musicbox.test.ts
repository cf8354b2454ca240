import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Host } from './datasets/host.ts'
import { musicbox } from './musicbox.ts'

const COMMANDS = ['simulate', 'import', 'serve', 'collect', 'aggregate', 'load', 'verify', 'dump', 'demo', 'bench']

async function run(args: readonly string[]): Promise<{ exitCode: number; stdout: string; stderr: string }> {
  let stdout = ''
  let stderr = ''
  const host: Host = {
    args,
    stdout: { write: (text) => (stdout += text) },
    stderr: { write: (text) => (stderr += text) },
    env: {},
    signal: new AbortController().signal,
    isTerminal: false,
    now: () => Date.parse('2026-03-01T12:00:00Z'),
  }
  return { exitCode: await musicbox(host), stdout, stderr }
}

describe('the command line', () => {
  it('has help with every command and the table of exit codes', async () => {
    const { exitCode, stdout } = await run(['--help'])
    assert.equal(exitCode, 0)
    for (const command of COMMANDS) assert.match(stdout, new RegExp(`^ {2}${command} `, 'm'))
    assert.match(stdout, /^ +99 {2}threshold\.missed$/m)
  })

  for (const command of COMMANDS) {
    it(`has help for ${command}, which knows --json`, async () => {
      const { exitCode, stdout } = await run([command, '--help'])
      assert.equal(exitCode, 0)
      assert.match(stdout, /--json/)
    })
  }

  it('says what it expected when a flag is wrong, and exits with 104', async () => {
    const { exitCode, stderr, stdout } = await run(['load', '--listeners', '0'])
    assert.equal(exitCode, 104)
    assert.match(stderr, /whole number from 1 to 1000/)
    assert.equal(stdout, '')
  })

  it('exits with 104 for a command that it does not know', async () => {
    assert.equal((await run(['frobnicate'])).exitCode, 104)
  })

  it('serves others than this machine only when events need a token', async () => {
    const { exitCode, stderr } = await run(['serve', '--host', '0.0.0.0'])
    assert.equal(exitCode, 104)
    assert.match(stderr, /--require-token/)
  })

  it('proves nothing about a folder or a ledger that is not there', async () => {
    const { exitCode, stderr } = await run(['verify', '--data', '/nonexistent'])
    assert.equal(exitCode, 7)
    assert.match(stderr, /\/nonexistent/)
  })

  it('dumps only tables that there are', async () => {
    assert.equal((await run(['dump', '--table', 'nope'])).exitCode, 104)
  })

  it('says what to do when there is no history to load with', async () => {
    const { exitCode, stderr, stdout } = await run(['load', '--data', '/nonexistent', '--json'])
    assert.equal(exitCode, 7)
    assert.match(stderr, /simulate/)
    assert.equal(JSON.parse(stdout).error.code, 'not.found')
  })
})
