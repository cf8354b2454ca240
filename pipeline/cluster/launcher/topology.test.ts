import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { MOST, oneTo, PORT_SPAN, portsFrom } from './topology.ts'

describe('the ports of a cluster', () => {
  const ports = portsFrom(20_000)
  const all = [
    ports.namenode,
    ports.zookeeper,
    ports.hbaseMaster,
    ports.hiveserver2,
    ...oneTo(MOST).flatMap((index) => [ports.datanode(index), ports.kafka(index), ports.regionserver(index)]),
  ].flatMap((each) => Object.values(each))

  it('are all different, at the largest topology too', () => {
    assert.ok(all.length > 20)
    assert.equal(new Set(all).size, all.length)
  })

  it('begin at the base port and stay within the span that is promised', () => {
    assert.equal(Math.min(...all), 20_000)
    assert.ok(Math.max(...all) < 20_000 + PORT_SPAN)
  })
})
