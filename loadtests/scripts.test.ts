/** What every script of the folder must be: short, portable, checked against k6's own types, and free of accident. */
import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { basename, relative } from 'node:path'
import { describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { bundleScript } from './engine/bundle.ts'
import { findUnportable } from './engine/portability.ts'
import { describeShipped, isShipped, SHIPPED } from './load/shipped-scripts.ts'

const SCRIPTS = fileURLToPath(new URL('./scripts/', import.meta.url))
const ROOT = fileURLToPath(new URL('../', import.meta.url))

const files = (await readdir(SCRIPTS)).filter((name) => !name.endsWith('.test.ts'))

describe('a script', () => {
  for (const name of files) {
    it(`${name} reaches only k6 modules and portable files of this repository`, async () => {
      const { files } = await bundleScript(SCRIPTS + name)
      for (const file of files) {
        assert.match(relative(ROOT, file), /^(loadtests\/scripts|simulation|datasets)\//)
        const source = await readFile(file, 'utf8')
        assert.deepEqual(findUnportable(source), [], basename(file))
        assert.equal(accidentIn(source), undefined, basename(file))
      }
    })
  }

  it('has 80 lines at most', async () => {
    for (const name of SHIPPED) {
      const lines = (await readFile(`${SCRIPTS}${name}.ts`, 'utf8')).trimEnd().split('\n').length
      assert.ok(lines <= 80, `${name}.ts has ${lines} lines`)
    }
  })

  it('is listed when it can be run: it exports options, a purpose and the settings that it reads', async () => {
    for (const file of files) {
      const name = file.slice(0, -'.ts'.length)
      const source = await readFile(SCRIPTS + file, 'utf8')
      assert.equal(isShipped(name), /^export const options\b/m.test(source), file)
      if (!isShipped(name)) continue
      const { purpose, settings } = await describeShipped(name)
      assert.match(purpose, /^[A-Z].{20,}[.?]$/, name)
      const read = [...source.matchAll(/\b(?:whole|duration_ms|text)\('([A-Z_]+)'/g)].map(([, setting]) => setting)
      // The speed is read by the listeners that a script uses.
      assert.deepEqual(settings.filter((setting) => setting !== 'SPEED').toSorted(), read.toSorted(), name)
    }
  })

  it('is checked by the compiler against the types of k6', async () => {
    const tsc = `${ROOT}node_modules/.bin/tsc`
    const { stdout } = await promisify(execFile)(tsc, ['-p', ROOT, '--listFilesOnly'], { maxBuffer: 1 << 24 })
    const checked = new Set(stdout.split('\n').map((path) => relative(ROOT, path)))
    for (const name of files) assert.ok(checked.has(`loadtests/scripts/${name}`), name)
    assert.ok(checked.has('node_modules/@types/k6/index.d.ts'))
  })
})

describe('the search for accident', () => {
  it('finds what differs between engines and runs, and not what only looks like it', () => {
    const accidents = [
      'const me = __VU',
      'if (__ITER === 0) start()',
      'Math.random()',
      'Math . random ()',
      'exec.vu.idInTest',
      'const { idInInstance } = exec.vu',
      'exec.vu.iterationInScenario',
      'randomSeed(1)',
      'crypto.randomUUID()',
      'crypto.getRandomValues(bytes)',
    ]
    for (const accident of accidents) assert.notEqual(accidentIn(`const a = 1\n${accident}\n`), undefined, accident)
    assert.equal(accidentIn('// never `__VU` or Math.random\nexec.scenario.iterationInTest\n/* __ITER */'), undefined)
  })
})

/**
 * Names from which no listener may take who it is or what it does: they depend on the engine, the number of virtual users
 * or the moment. That times do not depend on the clock, listeners.test.ts shows by running them.
 */
function accidentIn(source: string): string | undefined {
  const code = source.replace(/\/\*[\s\S]*?\*\/|\/\/[^\n]*/g, '')
  const names =
    /\b(__VU|__ITER|idInTest|idInInstance|iterationInScenario|iterationInInstance|randomSeed|randomUUID|getRandomValues|Math\s*\.\s*random)\b/
  return names.exec(code)?.[1]
}
