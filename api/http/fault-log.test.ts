import assert from 'node:assert/strict'
import { it } from 'node:test'
import { faultLog } from './fault-log.ts'

it('fault log: the same failure is written once in ten seconds, with its count, its stack and its cause', () => {
  const lines: string[] = []
  let now_ms = 0
  const log = faultLog(
    (text) => lines.push(text),
    () => now_ms,
  )
  const fail = (): void => log(new Error('the store is gone', { cause: new Error('EIO') }))
  for (let i = 0; i < 1000; i++) fail()
  assert.equal(lines.length, 1)
  assert.match(lines[0]!, /^Error: the store is gone\n.* at .*caused by Error: EIO\n/s)
  log(new Error('another'))
  assert.equal(lines.length, 2)
  now_ms = 10_000
  fail()
  assert.match(lines[2]!, /^\(and 999 times since the last line like it\) Error: the store is gone/)
  log('no error at all')
  assert.equal(lines[3], 'no error at all\n')
})
