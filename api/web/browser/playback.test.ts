import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { advance, type Playback, pause, positionAt, resume, start } from './playback.ts'

const song = { track_id: 'TR1', duration_ms: 200_000 }

describe('playback', () => {
  it('stands where the time spent playing puts it, however it was paused in between', () => {
    const steps = fc.array(fc.tuple(fc.constantFrom('pause', 'resume', 'look'), fc.nat(60_000)), { maxLength: 30 })
    fc.assert(
      fc.property(steps, (acts) => {
        let now_ms = 1_000
        let played_ms = 0
        let running = true
        let playback: Playback<typeof song> = start(song, now_ms)
        for (const [act, passed_ms] of acts) {
          now_ms += passed_ms
          if (running) played_ms = Math.min(song.duration_ms, played_ms + passed_ms)
          playback = advance(playback, now_ms)
          if (played_ms === song.duration_ms && running) {
            assert.equal(playback.state, 'ended')
            return
          }
          if (act === 'pause') playback = pause(playback, now_ms)
          if (act === 'resume') playback = resume(playback, now_ms)
          running = act === 'pause' ? false : act === 'resume' ? true : running
          assert.equal(positionAt(playback, now_ms), played_ms)
        }
      }),
    )
  })

  it('never leaves the song, even when the clock is set back or the machine slept', () => {
    const playing = start(song, 10_000)
    assert.equal(positionAt(playing, 0), 0)
    assert.equal(positionAt(playing, 1e12), song.duration_ms)
    assert.equal(advance(playing, 1e12).state, 'ended')
  })

  it('ignores what has no meaning in a state', () => {
    assert.deepEqual(resume(start(song, 0), 5), start(song, 0))
    assert.deepEqual(pause({ state: 'idle' }, 5), { state: 'idle' })
    assert.deepEqual(pause({ state: 'ended', song }, 5), { state: 'ended', song })
  })
})
