import assert from 'node:assert/strict'
import { it } from 'node:test'
import { FAILURES } from '../datasets/failure.ts'
import { EXIT_CODES, exitCodesText } from './exit-codes.ts'

it('exit codes: every failure’s number is explained, each once', () => {
  const explained = EXIT_CODES.map(({ exit }) => exit)
  assert.equal(new Set(explained).size, explained.length)
  for (const [code, { exit }] of Object.entries(FAILURES)) {
    assert.ok(explained.includes(exit), `${code} ends with ${exit}, which the table does not explain`)
  }
})

it('exit codes: ours keep clear of k6’s numbers', () => {
  for (const { exit, k6 } of EXIT_CODES) assert.equal(exit === 0 || exit >= 97, k6, `${exit}`)
})

it('exit codes: as text there is a line for each', () => {
  assert.equal(exitCodesText().split('\n').length, EXIT_CODES.length)
  assert.match(exitCodesText(), /^ {2}99 {2}a threshold was missed/m)
})
