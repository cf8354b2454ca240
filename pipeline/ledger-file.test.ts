import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { ledgersIn, readLedgers } from './ledger-file.ts'

const folder = await mkdtemp(join(tmpdir(), 'musicbox-ledgers-'))
after(() => rm(folder, { recursive: true }))
const lineOf = (ts: number): string => JSON.stringify({ eid: 'a'.repeat(32), ts, fate: 'accepted' })

async function read(...texts: string[]): Promise<{ times: number[]; cut: string[] }> {
  const paths = texts.map((_, at) => join(folder, `${at}.ndjson`))
  await Promise.all(paths.map((path, at) => writeFile(path, texts[at]!)))
  const cut: string[] = []
  const times = await timesIn(paths, cut)
  return { times, cut: cut.map((path) => path.slice(folder.length + 1)) }
}

async function timesIn(paths: readonly string[], cut: string[]): Promise<number[]> {
  const times: number[] = []
  for await (const { ts } of readLedgers(paths, (path) => cut.push(path))) times.push(ts)
  return times
}

describe('ledger files', () => {
  it('are read one after the other, empty ones and empty lines too', async () => {
    const whole = await read(`${lineOf(1)}\n\n${lineOf(2)}\n`, '', `${lineOf(3)}\n`)
    assert.deepEqual(whole, { times: [1, 2, 3], cut: [] })
  })

  it('may end in a line that a killed writer left unfinished: it says nothing, and that is told', async () => {
    const cut = await read(`${lineOf(1)}\n${lineOf(2).slice(0, 20)}`, `${lineOf(3)}\n`)
    assert.deepEqual(cut, { times: [1, 3], cut: ['0.ndjson'] })
    assert.deepEqual(await read(`${lineOf(1)}\n${lineOf(2)}`), { times: [1, 2], cut: [] })
  })

  it('are no ledgers when a line within is no JSON', async () => {
    await assert.rejects(read(`${lineOf(1)}\n{"eid":\n${lineOf(2)}\n`), /0\.ndjson line 2 to be JSON/)
    await assert.rejects(read(`${lineOf(1)}\n{"eid":\n`), /0\.ndjson line 2 to be JSON/)
  })

  it('that are missing are named', async () => {
    await assert.rejects(
      timesIn([join(folder, 'none.ndjson')], []),
      /expected a ledger at .*none\.ndjson, but there is none/,
    )
    assert.deepEqual(await ledgersIn(join(folder, 'none')), [])
  })
})
