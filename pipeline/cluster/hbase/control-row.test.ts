import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Cell, CellRow } from './cell-block.ts'
import { type Control, ControlRow } from './control-row.ts'
import type { GetOptions, HbaseClient } from './hbase-client.ts'

const DAY: Control = {
  ...{ scope: '2026-01-01', generation: 1, hash: 'old', as_of_ms: 1, complete: true, events: 0 },
  ...{ revision: 1, kept_from: 0, open_from: 2 },
}

describe('the control row', () => {
  it('does not take a namespace that was wiped and filled again for the old one, though its epoch is the same', async () => {
    const table = new FakeTable()
    const reader = new ControlRow(table.client, 't')
    const publish = async (hash: string): Promise<void> => {
      const writer = new ControlRow(table.client, 't')
      assert.equal(await writer.change(await writer.current(), { ...DAY, hash }), true)
    }
    await publish('old')
    assert.equal((await reader.current()).scopes.get(DAY.scope)?.hash, 'old')
    table.wipe()
    await publish('new')
    const { epoch, scopes } = await reader.current()
    assert.deepEqual([epoch, scopes.get(DAY.scope)?.hash], [1, 'new'])
  })

  it('keeps its birth from change to change, and reads one small row while nothing changes', async () => {
    const table = new FakeTable()
    const control = new ControlRow(table.client, 't')
    await control.change(await control.current(), DAY)
    const first = await control.current()
    await control.change(first, { ...DAY, generation: 2 })
    const second = await control.current()
    assert.notEqual(first.birth, '')
    assert.equal(second.birth, first.birth)
    const { reads } = table
    assert.equal(await control.current(), second)
    assert.equal(table.reads, reads + 1)
  })

  it('draws for each put a later time, beyond those that clocks gave', async () => {
    const table = new FakeTable()
    const [one, other] = [new ControlRow(table.client, 't'), new ControlRow(table.client, 't')]
    const times = [await one.putTime(), await other.putTime(), await one.putTime()]
    assert.ok(times[0]! > Date.parse('2100-01-01') && times[0]! < times[1]! && times[1]! < times[2]!)
    assert.ok(Number.isSafeInteger(times[2]))
  })
})

/** One row of cells, and counters. */
class FakeTable {
  reads = 0
  #cells = new Map<string, Cell>()
  #counters = new Map<string, number>()

  wipe(): void {
    this.#cells.clear()
    this.#counters.clear()
  }

  get client(): HbaseClient {
    const client: Pick<HbaseClient, 'get' | 'checkAndPut' | 'increment'> = {
      get: async (_table: string, _key: Buffer, { columns }: GetOptions = {}) => {
        this.reads++
        const cells = [...this.#cells].filter(([name]) => columns?.includes(name) ?? true)
        return cells.length > 0 ? cells.map(([, cell]) => cell) : undefined
      },
      checkAndPut: async (_table: string, row: CellRow, column: string, expected: Buffer | undefined) => {
        if (`${this.#cells.get(column)?.value ?? ''}` !== `${expected ?? ''}`) return false
        for (const cell of row.cells) this.#cells.set(`${cell.qualifier}`, cell)
        return true
      },
      increment: async (_table: string, key: Buffer, column: string) => {
        const name = `${key} ${column}`
        const next = (this.#counters.get(name) ?? 0) + 1
        this.#counters.set(name, next)
        return next
      },
    }
    return client as HbaseClient
  }
}
