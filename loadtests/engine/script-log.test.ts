import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { quietly, scriptConsole } from './script-log.ts'

describe('what is said of a script', () => {
  it('lets the engine speak when a script has said all that it may', () => {
    const { lines, write, console, close } = listened()
    for (let i = 0; i < 5000; i++) console.log('listener', i)
    assert.equal(lines.length, 1000)
    write('warn', 'the engine warns')
    console.error('unheard')
    write('error', 'listener 4999')
    close()
    assert.deepEqual(lines.slice(1000), [
      'the engine warns',
      'listener 4999',
      '4001 more lines like these were left out',
    ])
  })

  it('passes on every line of the engine, however many there are, and equal ones five times', () => {
    const { lines, write, console, close } = listened()
    for (let i = 0; i < 5000; i++) write('warn', `request failed: ${i}`)
    assert.equal(lines.length, 5000)
    for (let i = 0; i < 8; i++) write('warn', 'again')
    for (let i = 0; i < 8; i++) console.log('again')
    close()
    assert.deepEqual(lines.slice(5000), [...Array(10).fill('again'), '6 more lines like these were left out'])
  })

  it('is silent about nothing left out', () => {
    const { lines, console, close } = listened()
    console.log('a', 1, { b: 2 })
    close()
    assert.deepEqual(lines, ['a 1 { b: 2 }'])
  })
})

function listened() {
  const lines: string[] = []
  const { write, close } = quietly((_, line) => lines.push(line))
  return { lines, write, close, console: scriptConsole(write) }
}
