import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { originOf } from './address.ts'
import { endpoint } from './dial.ts'

const led = (hosts: Record<string, string>, host = 'music.test', port = 80) => {
  const { host: to, port: at } = endpoint(originOf(false, host, port), hosts)
  return `${to} ${at}`
}

describe('the option hosts', () => {
  it('leads a name to an address, with the port of either', () => {
    assert.equal(led({}), 'music.test 80')
    assert.equal(led({ 'music.test': '10.0.0.7' }), '10.0.0.7 80')
    assert.equal(led({ 'music.test': '10.0.0.7:8080' }), '10.0.0.7 8080')
    assert.equal(led({ 'music.test': '[::1]:8080' }), '::1 8080')
    assert.equal(led({ 'music.test': '::1' }), '::1 80')
    assert.equal(led({ 'other.test': '10.0.0.7' }), 'music.test 80')
  })

  it('takes the entry with the port before that without, and a name before a wildcard', () => {
    const hosts = {
      'music.test': '10.0.0.1',
      'music.test:81': '10.0.0.2',
      '*.test': '10.0.0.3',
      '*.music.test': '10.0.0.4',
    }
    assert.equal(led(hosts), '10.0.0.1 80')
    assert.equal(led(hosts, 'music.test', 81), '10.0.0.2 81')
    assert.equal(led(hosts, 'other.test'), '10.0.0.3 80')
    assert.equal(led(hosts, 'www.music.test'), '10.0.0.4 80')
  })

  it('refuses what is no address', () => {
    for (const text of ['nowhere.test', '', '10.0.0.7:', 'http://10.0.0.7']) {
      assert.throws(() => led({ 'music.test': text }), {
        code: 'input.invalid',
        message: /expected hosts\["music.test"\]/,
      })
    }
  })
})
