/** `musicbox faults` on the embedded backend: real processes, killed for real. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { type Ran, runCommand } from './datasets/command.suite.ts'
import type { Host } from './datasets/host.ts'
import { concluded, faultsCommand, type Matrix } from './faults.ts'
import type { RowResult } from './pipeline/faults/verdict.ts'

const PROGRAM = fileURLToPath(new URL('./musicbox.ts', import.meta.url))

describe('musicbox faults', () => {
  it('loses no event and doubles none under the faults that the embedded backend can have', async () => {
    const ran = await faults(['--quick', '--rows', '3,4,5,6,7,8,9,10,15,16,17', '--json'])
    const matrix = JSON.parse(ran.out) as Matrix
    const figures = `${ran.err}${JSON.stringify(matrix, null, 1)}`
    assert.equal(ran.exit, 0, figures)
    assert.match(ran.err, new RegExp(`^SEED=${matrix.seed}$`, 'm'))
    assert.deepEqual([matrix.lost, matrix.doubled, matrix.verdict], [0, 0, 'HELD'], figures)
    const held = matrix.rows.filter(({ verdict }) => verdict === 'HELD')
    assert.deepEqual(
      held.map(({ row }) => row),
      [7, 8, 9, 15, 17],
    )
    for (const { acked, reported, strikes } of held) {
      assert.ok(acked! > 0 && strikes! > 0, figures)
      assert.equal(reported, acked)
    }
    const skipped = matrix.rows.filter(({ verdict }) => verdict === 'SKIPPED')
    assert.ok(
      skipped.every(
        ({ notes, acked }) => notes[0]!.startsWith('the embedded') || (notes.length === 1 && acked === undefined),
      ),
    )
  })

  it('lists its rows in words, without running one', async () => {
    const { out, exit } = await faults(['--list'])
    assert.equal(exit, 0)
    for (const words of ['broker SIGKILL', 'regionserver SIGKILL', 'night job SIGKILL', 'two collectors']) {
      assert.ok(out.includes(words), words)
    }
  })

  it('says which rows there are when asked for another', async () => {
    const { err, exit } = await faults(['--rows', '3,99'])
    assert.equal(exit, 104)
    assert.match(err, /Expected rows of 3, 4, .*17, got 99\./)
  })

  it('strikes no cluster that was not started here', async () => {
    const { err, exit } = await faults(['--backend', 'cluster', '--config', 'nowhere/cluster.json'])
    assert.equal(exit, 7)
    assert.match(err, /nowhere/)
  })

  it('ends with 1 when a row lost an event, and when no row was run', () => {
    const held: RowResult = { row: 7, fault: '', verdict: 'HELD', lost: 0, doubled: 0, notes: [] }
    const lost: RowResult = { ...held, verdict: 'BROKEN', lost: 2, doubled: 1 }
    const skipped: RowResult = { row: 3, fault: '', verdict: 'SKIPPED', notes: [] }
    assert.equal(concluded([held, skipped]).verdict, 'HELD')
    assert.deepEqual(
      { ...concluded([held, lost, lost]), rows: [] },
      { rows: [], lost: 4, doubled: 2, verdict: 'BROKEN' },
    )
    assert.equal(concluded([skipped]).verdict, 'BROKEN')
  })
})

function faults(args: readonly string[]): Promise<Ran> {
  const command = (host: Host) => faultsCommand(host, PROGRAM)
  return runCommand(command, ['faults', ...args], { env: process.env, now: Date.now })
}
