import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { repeatCommand } from './repeat-command.ts'

describe('the command that makes a run again', () => {
  it('names the label and the day that were chosen for the user', () => {
    assert.deepEqual(repeatCommand(['load', 'soak', '--listeners', '5'], { run: 'abc', day: '2026-03-01' }), [
      ...['musicbox', 'load', 'soak', '--listeners', '5'],
      ...['--run', 'abc', '--day', '2026-03-01'],
    ])
  })

  it('leaves what was typed as it is', () => {
    for (const typed of [
      ['load', '--run', 'mine', '--day', '2026-03-01'],
      ['load', '--run=mine', '--day=2026-03-01'],
      ['demo', '--exit'],
    ]) {
      assert.deepEqual(repeatCommand(typed, { run: 'abc', day: '2026-04-04' }), ['musicbox', ...typed])
    }
    assert.deepEqual(repeatCommand(['load'], { run: 'abc', day: undefined }), ['musicbox', 'load', '--run', 'abc'])
  })
})
