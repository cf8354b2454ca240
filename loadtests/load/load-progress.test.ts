import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Host } from '../../datasets/host.ts'
import { LoadProgress } from './load-progress.ts'

function watch(given: Partial<Host>): { progress: LoadProgress; written: () => string } {
  let text = ''
  const stderr = { write: (piece: string) => (text += piece) }
  const host = { args: [], stderr, isTerminal: false, ...given } as unknown as Host
  return { progress: new LoadProgress(host), written: () => text }
}

/** What a terminal shows in the end: a line that is drawn anew replaces the one before. */
function onScreen(text: string): string[] {
  return text.split('\n').map((line) => line.split('\r\u001b[K').at(-1)!)
}

describe('the progress of a run', () => {
  it('is one line on a terminal, and the log stands whole above it', () => {
    const { progress, written } = watch({ isTerminal: true })
    progress.show(0, 10_000, '5 VUs')
    progress.show(5000, 10_000, '7 VUs')
    progress.say('warn: slow')
    progress.show(6000, 10_000, '8 VUs')
    assert.deepEqual(onScreen(written()), ['warn: slow', 'load  ████████████░░░░░░░░  6 of 10 s  8 VUs'])
    progress[Symbol.dispose]()
    assert.deepEqual(onScreen(written()), ['warn: slow', ''])
  })

  it('is a line every five seconds elsewhere, the first at once', () => {
    const { progress, written } = watch({})
    for (let second = 1; second <= 12; second++) progress.show(second * 1000, 12_000, `${second} VUs`)
    progress.say('warn: slow')
    progress[Symbol.dispose]()
    const lines = ['load: 1 of 12 s  1 VUs', 'load: 6 of 12 s  6 VUs', 'load: 11 of 12 s  11 VUs', 'warn: slow', '']
    assert.deepEqual(written().split('\n'), lines)
  })

  it('is not shown with --quiet, but the log is', () => {
    for (const isTerminal of [true, false]) {
      const { progress, written } = watch({ isTerminal, args: ['load', '--quiet'] })
      progress.show(1000, 2000, '1 VU')
      progress.say('error: gone')
      progress[Symbol.dispose]()
      assert.equal(written(), 'error: gone\n')
    }
  })

  it('fills its bar to the end and no further when a run takes longer than planned', () => {
    const { progress, written } = watch({ isTerminal: true })
    progress.show(30_000, 10_000, '')
    assert.match(written(), /█{20} {2}30 of 10 s/)
  })
})
