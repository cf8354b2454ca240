import assert from 'node:assert/strict'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { generatedFiles } from './generated.ts'

const files = generatedFiles()
const REPAIR = 'run: npx node observability/build.ts'

describe('the files for Prometheus and Grafana', () => {
  for (const [name, text] of files) {
    it(`${name} is what the code makes`, () => {
      const written = readFileSync(join(import.meta.dirname, name), 'utf8')
      if (name.endsWith('.json')) assert.deepEqual(JSON.parse(written), JSON.parse(text), REPAIR)
      else assert.equal(written, text, REPAIR)
    })
  }

  it('are all that lies in their folders', () => {
    const found = ['grafana', 'prometheus']
      .flatMap((folder) =>
        readdirSync(join(import.meta.dirname, folder), { recursive: true, encoding: 'utf8' }).map((name) =>
          join(folder, name),
        ),
      )
      .filter((name) => /\.(json|ya?ml)$/.test(name))
    assert.deepEqual(found.sort(), [...files.keys()].sort())
  })
})
