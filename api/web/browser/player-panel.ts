/**
 * The player. There is no sound: a play is a bar that runs as long as the song would. Every control sends an event that
 * says where in the song it was pressed.
 */
import type { FoundSong } from './catalogue-search.ts'
import { cover } from './cover.ts'
import { element, ICONS, icon } from './element.ts'
import { durationText } from './number-text.ts'
import { advance, type Playback, pause, positionAt, resume, start } from './playback.ts'

/** What a control says about the song that is on. */
export type SongAct =
  | { event: 'play' | 'pause' | 'resume' | 'skip' | 'tup' | 'tdn' }
  | { event: 'rate'; stars: number }
  | { event: 'comment'; text: string }
  | { event: 'tag'; tags: string[] }

export interface PlayerWorld {
  now_ms(): number
  acted(act: SongAct, song: FoundSong, position_ms: number): void
  /** The song that is on changed; undefined when there is none. */
  playing(song: FoundSong | undefined): void
}

export interface Player {
  play(song: FoundSong, queue: readonly FoundSong[]): void
  /** Stops without an event and tells what was on, and where. */
  stop(): { song: FoundSong; position_ms: number } | undefined
}

const STARS_MAX = 10
const TICK_MS = 250
const TAGS_MAX = 10
const TAG_LENGTH_MAX = 50

export function playerPanel(panel: HTMLElement, world: PlayerWorld): Player {
  let playback: Playback<FoundSong> = { state: 'idle' }
  let queue: readonly FoundSong[] = []

  const art = element('div', { class: 'player-art' })
  const title = element('h2', { id: 'player-title', class: 'player-title' })
  const about = element('p', { class: 'player-about' })
  const fill = element('div', { class: 'progress-fill' })
  const progress = element(
    'div',
    { class: 'progress', role: 'progressbar', 'aria-label': 'Position', 'aria-valuemin': 0 },
    fill,
  )
  const elapsed = element('span', {})
  const length = element('span', {})
  const toggle = element('button', { type: 'button', class: 'round primary', id: 'toggle', onclick: () => toggled() })
  const skip = element(
    'button',
    { type: 'button', class: 'round', id: 'skip', 'aria-label': 'Skip', onclick: () => skipped() },
    icon(ICONS.skip),
  )
  const up = element(
    'button',
    {
      type: 'button',
      class: 'round',
      id: 'tup',
      'aria-label': 'Thumbs up',
      'aria-pressed': 'false',
      onclick: () => thumbed('tup'),
    },
    icon(ICONS.up),
  )
  const down = element(
    'button',
    {
      type: 'button',
      class: 'round',
      id: 'tdn',
      'aria-label': 'Thumbs down',
      'aria-pressed': 'false',
      onclick: () => thumbed('tdn'),
    },
    icon(ICONS.down),
  )
  const stars = starRow((count) => acted({ event: 'rate', stars: count }))
  const said = element('p', { class: 'muted small said', role: 'status' })
  const comment = textForm('comment', 'Comment', 'What do you hear?', 1000, (text) => {
    acted({ event: 'comment', text })
    said.textContent = 'Comment sent.'
  })
  const tag = textForm('tag', 'Tags', 'calm, evening', 300, (text) => {
    const tags = readTags(text)
    if (tags.length === 0) return
    acted({ event: 'tag', tags })
    said.textContent = `Tagged ${tags.join(', ')}.`
  })
  const next = element('p', { class: 'muted small next' })
  const controls = element(
    'div',
    { class: 'player-body' },
    element('div', { class: 'player-song' }, art, element('div', { class: 'player-text' }, title, about)),
    progress,
    element('div', { class: 'player-times' }, elapsed, length),
    element('div', { class: 'player-controls' }, down, toggle, skip, up),
    element(
      'div',
      { class: 'player-rate' },
      element('span', { class: 'label', id: 'stars-label' }, 'Your rating'),
      stars.row,
    ),
    comment,
    tag,
    said,
    next,
  )
  const empty = element(
    'div',
    { class: 'player-empty' },
    icon(ICONS.play),
    element('p', {}, 'Nothing is on. Find a song and press it.'),
  )
  panel.append(empty, controls)

  const song = (): FoundSong | undefined => (playback.state === 'idle' ? undefined : playback.song)

  function acted(act: SongAct): void {
    const on = song()
    if (on !== undefined) world.acted(act, on, positionAt(playback, world.now_ms()))
  }

  function begin(on: FoundSong, after: readonly FoundSong[]): void {
    playback = start(on, world.now_ms())
    queue = after
    stars.show(0)
    up.setAttribute('aria-pressed', 'false')
    down.setAttribute('aria-pressed', 'false')
    said.textContent = ''
    art.replaceChildren(cover(on.track_id))
    title.textContent = on.title
    about.textContent = [on.artist_name, on.release].filter((part) => part !== '').join(' · ')
    length.textContent = durationText(on.duration_ms)
    progress.setAttribute('aria-valuemax', String(Math.round(on.duration_ms / 1000)))
    next.textContent = after[0] ? `Next: ${after[0].title}` : 'Last of the list.'
    acted({ event: 'play' })
    world.playing(on)
    draw()
  }

  function toggled(): void {
    const now_ms = world.now_ms()
    switch (playback.state) {
      case 'playing':
        playback = pause(playback, now_ms)
        acted({ event: 'pause' })
        break
      case 'paused':
        acted({ event: 'resume' })
        playback = resume(playback, now_ms)
        break
      case 'ended':
        begin(playback.song, queue)
        break
      case 'idle':
    }
    draw()
  }

  function skipped(): void {
    if (playback.state !== 'ended') acted({ event: 'skip' })
    goOn()
  }

  /** The next song of the list, or rest at the end of the last one. */
  function goOn(): void {
    const on = song()
    if (queue[0] !== undefined) begin(queue[0], queue.slice(1))
    else if (on !== undefined) playback = { state: 'ended', song: on }
    draw()
  }

  function thumbed(event: 'tup' | 'tdn'): void {
    acted({ event })
    up.setAttribute('aria-pressed', String(event === 'tup'))
    down.setAttribute('aria-pressed', String(event === 'tdn'))
  }

  function draw(): void {
    const on = song()
    empty.hidden = on !== undefined
    controls.hidden = on === undefined
    if (on === undefined) return
    const position_ms = positionAt(playback, world.now_ms())
    fill.style.transform = `scaleX(${position_ms / on.duration_ms})`
    elapsed.textContent = durationText(position_ms)
    progress.setAttribute('aria-valuenow', String(Math.round(position_ms / 1000)))
    progress.setAttribute('aria-valuetext', `${durationText(position_ms)} of ${durationText(on.duration_ms)}`)
    const name = playback.state === 'playing' ? 'Pause' : playback.state === 'paused' ? 'Resume' : 'Play again'
    if (toggle.getAttribute('aria-label') !== name) {
      toggle.setAttribute('aria-label', name)
      toggle.replaceChildren(icon(playback.state === 'playing' ? ICONS.pause : ICONS.play))
    }
  }

  setInterval(() => {
    playback = advance(playback, world.now_ms())
    if (playback.state === 'ended' && queue.length > 0) goOn()
    else draw()
  }, TICK_MS)
  draw()

  return {
    play: begin,
    stop() {
      const on = song()
      const was = on && { song: on, position_ms: positionAt(playback, world.now_ms()) }
      playback = { state: 'idle' }
      queue = []
      world.playing(undefined)
      draw()
      return was
    },
  }
}

/** Comma-separated words as the tags they mean: trimmed, each once, at most ten of fifty characters. */
export function readTags(text: string): string[] {
  const tags = text
    .split(',')
    .map((tag) => tag.trim().slice(0, TAG_LENGTH_MAX))
    .filter((tag) => tag !== '')
  return [...new Set(tags)].slice(0, TAGS_MAX)
}

/** One to ten stars: one stop for the Tab key, arrows to choose, Enter or a click to send. */
function starRow(rate: (count: number) => void): { row: HTMLElement; show(count: number): void } {
  const buttons = Array.from({ length: STARS_MAX }, (_, at) =>
    element(
      'button',
      {
        type: 'button',
        class: 'star',
        'aria-label': `${at + 1} of ${STARS_MAX} stars`,
        tabindex: at === 0 ? 0 : -1,
        onclick: () => {
          show(at + 1)
          rate(at + 1)
        },
      },
      '☆',
    ),
  )
  const row = element('div', { class: 'stars', role: 'group', 'aria-labelledby': 'stars-label' }, ...buttons)
  const show = (count: number): void => {
    for (const [at, button] of buttons.entries()) {
      button.classList.toggle('is-on', at < count)
      button.textContent = at < count ? '★' : '☆'
      button.setAttribute('aria-pressed', String(at + 1 === count))
      button.tabIndex = at === Math.max(0, count - 1) ? 0 : -1
    }
  }
  row.addEventListener('keydown', (event) => {
    const step = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1 }[event.key]
    const from = buttons.indexOf(document.activeElement as HTMLButtonElement)
    const to = step === undefined ? undefined : buttons[from + step]
    if (to === undefined) return
    event.preventDefault()
    buttons[from]!.tabIndex = -1
    to.tabIndex = 0
    to.focus()
  })
  show(0)
  return { row, show }
}

function textForm(
  id: string,
  label: string,
  placeholder: string,
  length: number,
  send: (text: string) => void,
): HTMLElement {
  const input = element('input', { id, maxlength: length, placeholder, autocomplete: 'off' })
  return element(
    'form',
    {
      class: 'text-form',
      id: `${id}-form`,
      onsubmit: (event: Event) => {
        event.preventDefault()
        const text = input.value.trim()
        if (text === '') return
        input.value = ''
        send(text)
      },
    },
    element('label', { for: id }, label),
    element('div', { class: 'field-row' }, input, element('button', { type: 'submit' }, 'Send')),
  )
}
