import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { en } from '@faker-js/faker'
import { FIRST_NAMES } from './names.ts'
import { drawsAt, type Key } from './random.ts'
import * as vocabulary from './words.ts'
import { artistName, joined, plural, songTitle } from './words-grammar.ts'

const { STARTS, MIDDLES, SURNAME_ENDS, TOWN_ENDS, COINED_ENDS, NOUNS, ...listed } = vocabulary
const seed: Key = [7, 7, 7, 7]

/** Words that the forms put in. With first names they make no title; a word of the lists is in each. */
const between = new Set('the of in from where don t no more live acoustic remix pt dj s 1 2 3'.split(' '))

/** Every word of the lists, in lower case, in every form that it may take. */
const content = new Set(
  [
    ...Object.values(listed).flat(),
    ...NOUNS.flatMap((noun) => [noun, plural(noun)]),
    ...STARTS.flatMap((start) => [
      ...[...SURNAME_ENDS, ...TOWN_ENDS].map((end) => joined(start, '', end)),
      ...COINED_ENDS.flatMap((end) => ['', ...MIDDLES].map((middle) => joined(start, middle, end))),
    ]),
  ].map((word) => word.toLowerCase()),
)
const beside = new Set([...between, ...Object.values(FIRST_NAMES).flatMap((names) => names.flatMap(wordsOf))])

/** The faker music entries that could be made of these words, in whatever order. */
function couldBeSaid(words: ReadonlySet<string>): string[] {
  const { album, artist, song_name } = en.music!
  return [...album!, ...artist!, ...song_name!].filter((entry) => {
    const parts = wordsOf(entry)
    return parts.some((word) => words.has(word)) && parts.every((word) => words.has(word) || beside.has(word))
  })
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []
}

describe('invented titles and names', () => {
  it('cannot be a song, album or band of faker’s lists, whatever the seed', () => {
    assert.deepEqual(couldBeSaid(content), [])
  })

  it('are found out when a word lets a real one be said', () => {
    assert.ok(couldBeSaid(new Set([...content, 'purple', 'rain'])).length > 0)
  })

  it('are made of nothing but the vocabulary, so that the check above sees every word', () => {
    for (let i = 0; i < 5000; i++) {
      for (const text of [songTitle(drawsAt(seed, 1, i)), artistName(drawsAt(seed, 2, i))]) {
        const strange = wordsOf(text).filter((word) => !content.has(word) && !beside.has(word))
        assert.deepEqual(strange, [], text)
        assert.ok(
          wordsOf(text).some((word) => content.has(word)),
          text,
        )
      }
    }
  })

  it('are varied: most of ten thousand titles differ', () => {
    const titles = new Set(Array.from({ length: 10_000 }, (_, i) => songTitle(drawsAt(seed, 1, i))))
    assert.ok(titles.size > 9_000, `${titles.size} distinct`)
  })

  it('use each word list without repeats', () => {
    for (const [name, list] of Object.entries(vocabulary)) assert.equal(new Set(list).size, list.length, name)
  })

  it('know the plural of regular nouns', () => {
    assert.deepEqual(['Kite', 'Finch', 'Ferry', 'Archway', 'Hatbox', 'Compass'].map(plural), [
      'Kites',
      'Finches',
      'Ferries',
      'Archways',
      'Hatboxes',
      'Compasses',
    ])
  })

  it('join syllables so that they can be said', () => {
    assert.equal(joined('Melv', '', 'veld'), 'Melveld')
    assert.equal(joined('Tarn', 'e', 'alon'), 'Tarnalon')
    assert.equal(joined('Tarn', 'er', 'alon'), 'Tarneralon')
  })
})
