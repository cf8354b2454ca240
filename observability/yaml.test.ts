import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { toYaml } from './yaml.ts'

describe('toYaml', () => {
  it('writes mappings, sequences, scalars and literal blocks', () => {
    const text = toYaml(
      {
        apiVersion: 1,
        on: 'no',
        empty: { list: [], map: {} },
        absent: undefined,
        groups: [{ name: 'a: b', rules: [{ expr: 'up\n\n  == 0', ok: true }, 'x'] }, [1, 2]],
      },
      ['a heading'],
    )
    assert.equal(
      text,
      [
        '# a heading',
        'apiVersion: 1',
        '"on": "no"',
        'empty:',
        '  list: []',
        '  map: {}',
        'groups:',
        '  - name: "a: b"',
        '    rules:',
        '      - expr: |-',
        '          up',
        '',
        '            == 0',
        '        ok: true',
        '      - "x"',
        '  - - 1',
        '    - 2',
        '',
      ].join('\n'),
    )
  })

  it('quotes with the quotes that need no escape', () => {
    assert.equal(
      toYaml(['up{a="b"} == 0', `it's "so"`, '\\"', 'plain']),
      ['- \'up{a="b"} == 0\'', `- "it's \\"so\\""`, '- "\\\\\\""', '- "plain"', ''].join('\n'),
    )
  })

  it('quotes text that a literal block would change', () => {
    assert.equal(
      toYaml({ a: ' led\nby space', b: 'ends\n', c: 'bell\n\u0007' }),
      'a: " led\\nby space"\nb: "ends\\n"\nc: "bell\\n\\u0007"\n',
    )
  })
})
