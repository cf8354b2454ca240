import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { runCommand } from '../datasets/command.suite.ts'
import { startTarget, type Target } from './bench/target-process.ts'
import { planOf } from './capacity/probe.ts'
import { type CapacityResult, capacityCommand } from './capacity.command.ts'

/** A user's script, for a system that can take two listeners. */
const script = (url: string): string => `
import { check } from 'k6'
import http from 'k6/http'
export const options = { thresholds: { checks: ['rate>0.99'] } }
export default async function () {
  await http.asyncRequest('POST', '${url}', '{}')
  check(null, { 'there is room': () => Number(__ENV.LISTENERS) <= 2 })
  await new Promise((resolve) => setTimeout(resolve, 50))
}
`

describe('musicbox capacity', () => {
  let target: Target
  let folder: string
  let path: string
  before(async () => {
    target = await startTarget()
    folder = await mkdtemp(join(tmpdir(), 'musicbox-capacity-'))
    path = join(folder, 'script.ts')
    await writeFile(path, script(target.url))
  })
  after(async () => {
    await target[Symbol.asyncDispose]()
    await rm(folder, { recursive: true, force: true })
  })

  it('finds the load that a real run takes, says why the next one breaks, and draws it', async () => {
    const svg = join(folder, 'knee.svg')
    const html = join(folder, 'knee.html')
    const args = ['capacity', path, '--data', folder, '--to', '8', '--step', '1s', '--metrics', 'http://127.0.0.1:1']
    const { exit, out, err } = await runCommand(capacityCommand, [...args, '--json', '--svg', svg, '--html', html], {
      now: Date.now,
    })
    assert.equal(exit, 0, err)
    const found = JSON.parse(out) as CapacityResult
    // On a machine that others keep busy the generator may be the limit; it is never taken for the system's.
    if (found.limit === 'system') {
      assert.equal(found.capacity, 2, err)
      assert.match(found.beyond!.reasons.join(), /checks rate>0.99 was 0/)
    } else assert.equal(found.limit, 'generator', err)
    assert.ok(found.steps.every(({ outcome, throughput_per_s }) => outcome === 'invalid' || throughput_per_s > 0))
    assert.match(await readFile(svg, 'utf8'), /^<svg/)
    assert.match(await readFile(html, 'utf8'), /Capacity: \d+ listeners/)
  })

  it('fails with 99 when the capacity is less than what was asked for', async () => {
    const args = ['capacity', path, '--data', folder, '--from', '3', '--to', '3', '--step', '1s', '--quiet']
    const { exit, out } = await runCommand(capacityCommand, args, { now: Date.now })
    assert.equal(exit, 99)
    assert.match(out, /capacity {4}0 listeners/)
  })

  it('says what is wrong with a range, and what is missing', async () => {
    const range = await runCommand(capacityCommand, ['capacity', path, '--from', '9', '--to', '3'])
    assert.equal(range.exit, 104)
    assert.match(range.err, /expected --from to be --to at most, got 9 and 3/)
    const history = await runCommand(capacityCommand, ['capacity', '--data', folder])
    assert.equal(history.exit, 7)
  })

  it('asks for a rate as an open model, in whole requests of ten seconds', () => {
    const plan = planOf({ path }, 25, { unit: 'events/s', step_ms: 5000, batch: 10 })
    assert.deepEqual(plan.options?.scenarios, {
      steady: {
        executor: 'constant-arrival-rate',
        rate: 25,
        timeUnit: '10s',
        duration: '5000ms',
        preAllocatedVUs: 10,
        maxVUs: 1000,
        gracefulStop: '15s',
      },
    })
  })
})
