/** The listener's search: songs to play and artists to read about, as one types. */
import { type Found, type FoundArtist, type FoundSong, moreSongs, searchAsTyped } from './catalogue-search.ts'
import { cover } from './cover.ts'
import { byId, element, ICONS, icon } from './element.ts'
import { request } from './json-api.ts'
import { countText, durationText } from './number-text.ts'

export interface SearchActions {
  /** The listener pressed Enter or the button: that is a `search` event; mere typing is none. */
  submitted(query: string): void
  /** Play this song; `queue` is what stands after it in the list. */
  play(song: FoundSong, queue: readonly FoundSong[]): void
}

/** A page of each: few enough that artists are in sight below the songs. */
const RESULTS_MAX = 10
const SIMILAR_MAX = 5

export function searchPanel(actions: SearchActions): {
  focus(): void
  clear(): void
  playing(id: string | undefined): void
} {
  const box = byId('query', HTMLInputElement)
  const status = byId('search-status', HTMLElement)
  const results = byId('results', HTMLElement)
  let playingId: string | undefined

  const mark = (): void => {
    for (const row of results.querySelectorAll('[data-song]')) {
      row.classList.toggle('is-playing', row.getAttribute('data-song') === playingId)
    }
  }
  const look = searchAsTyped(RESULTS_MAX, {
    found: (query, found) => {
      status.textContent = foundText(query, found)
      results.replaceChildren(...resultLists(query, found, actions, lookFor, mark))
      mark()
    },
    failed: (_, error) => {
      status.textContent = error.message
      results.replaceChildren()
    },
    emptied: () => {
      status.textContent = 'Type the beginning of a name, or of any word in it.'
      results.replaceChildren()
    },
  })
  const lookFor = (text: string): void => {
    box.value = text
    look(text, true)
    box.focus()
  }
  box.addEventListener('input', () => look(box.value))
  byId('search-form', HTMLFormElement).addEventListener('submit', (event) => {
    event.preventDefault()
    const query = box.value.trim()
    if (query === '') return
    actions.submitted(query)
    look(query, true)
  })
  look('')
  return {
    focus: () => box.focus(),
    clear: () => {
      box.value = ''
      look('', true)
    },
    playing: (id) => {
      playingId = id
      mark()
    },
  }
}

function foundText(query: string, { songs, artists }: Found): string {
  if (songs.length + artists.length === 0) return `Nothing is called “${query}…”. Try the start of another word.`
  const of = (list: readonly unknown[], one: string): string =>
    `${countText(list.length)}${list.length === RESULTS_MAX ? ' or more' : ''} ${one}${list.length === 1 ? '' : 's'}`
  return `${of(songs, 'song')}, ${of(artists, 'artist')}`
}

function resultLists(
  query: string,
  found: Found,
  actions: SearchActions,
  lookFor: (text: string) => void,
  added: () => void,
): Node[] {
  const lists: Node[] = []
  if (found.songs.length > 0) lists.push(element('h3', {}, 'Songs'), ...songList(query, found, actions, added))
  if (found.artists.length > 0) {
    const rows = found.artists.map((artist) => artistRow(artist, lookFor))
    lists.push(element('h3', {}, 'Artists'), element('ul', { class: 'artist-list' }, ...rows))
  }
  return lists
}

/** The list grows by a page at a time; a song that is played is followed by those then below it. */
function songList(query: string, first: Found, actions: SearchActions, added: () => void): Node[] {
  const songs: FoundSong[] = []
  const list = element('ul', { class: 'song-list' })
  const add = (page: readonly FoundSong[]): void => {
    for (const song of page) {
      const after = songs.push(song)
      list.append(songRow(song, () => actions.play(song, songs.slice(after))))
    }
    added()
  }
  let next = first.next
  const more = element('button', { type: 'button', class: 'quiet', hidden: next === undefined }, 'More songs')
  more.addEventListener('click', async () => {
    if (next === undefined || more.getAttribute('aria-disabled') === 'true') return
    more.setAttribute('aria-disabled', 'true')
    try {
      const page = await moreSongs(query, RESULTS_MAX, next)
      next = page.next
      more.textContent = 'More songs'
      add(page.songs)
      list.children[songs.length - page.songs.length]?.querySelector('button')?.focus()
    } catch (error) {
      more.textContent = `${(error as Error).message} Try again`
    }
    more.setAttribute('aria-disabled', 'false')
    more.hidden = next === undefined
  })
  add(first.songs)
  return [list, more]
}

function songRow(song: FoundSong, play: () => void): HTMLElement {
  const about = [song.artist_name, song.release, song.year > 0 ? String(song.year) : ''].filter((part) => part !== '')
  return element(
    'li',
    {},
    element(
      'button',
      { type: 'button', class: 'song', 'data-song': song.track_id, onclick: play },
      cover(song.track_id),
      element(
        'span',
        { class: 'song-text' },
        element('span', { class: 'song-title' }, element('span', { class: 'sr-only' }, 'Play '), song.title),
        element('span', { class: 'song-about' }, about.join(' · ')),
      ),
      element('span', { class: 'song-time' }, durationText(song.duration_ms)),
      icon(ICONS.play),
    ),
  )
}

interface ArtistAnswer {
  artist_name: string
  location: string
  terms: { term: string; weight: number }[]
  similar: string[]
}

/** Opens to what is known of the artist, read when first opened. */
function artistRow({ artist_id, artist_name }: FoundArtist, lookFor: (text: string) => void): HTMLElement {
  const body = element('div', { class: 'artist-body' })
  const details = element('details', { class: 'artist' }, element('summary', {}, cover(artist_id), artist_name), body)
  details.addEventListener('toggle', async () => {
    if (!details.open || body.childElementCount > 0) return
    body.replaceChildren(element('p', { class: 'muted small' }, 'Reading…'))
    try {
      const artist = await request<ArtistAnswer>(`/v1/artists/${encodeURIComponent(artist_id)}`)
      body.replaceChildren(...artistFacts(artist))
      const similar = await similarArtists(artist, lookFor)
      if (similar !== undefined) body.append(similar)
    } catch (error) {
      body.replaceChildren(element('p', { class: 'problem', role: 'alert' }, (error as Error).message))
    }
  })
  return element('li', {}, details)
}

function artistFacts(artist: ArtistAnswer): Node[] {
  const terms = artist.terms.slice(0, 6).map(({ term }) => element('li', { class: 'chip' }, term))
  return [
    artist.location !== '' && element('p', { class: 'muted small' }, artist.location),
    element('ul', { class: 'chips', 'aria-label': 'Terms' }, ...terms),
  ].filter((node) => node !== false)
}

async function similarArtists(artist: ArtistAnswer, lookFor: (text: string) => void): Promise<Node | undefined> {
  const known = await Promise.allSettled(
    artist.similar
      .slice(0, SIMILAR_MAX)
      .map((id) => request<{ artist_name: string }>(`/v1/artists/${encodeURIComponent(id)}`)),
  )
  const names = known.flatMap((result) => (result.status === 'fulfilled' ? [result.value.artist_name] : []))
  if (names.length === 0) return undefined
  return element(
    'p',
    { class: 'small similar' },
    element('span', { class: 'muted' }, 'Similar: '),
    ...names.map((name) => element('button', { type: 'button', class: 'link', onclick: () => lookFor(name) }, name)),
  )
}
