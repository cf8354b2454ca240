/** The search box of the report page: a combobox over songs and artists (WAI-ARIA's list pattern). */
import type { TopKind } from '../../../datasets/tables.ts'
import { type Found, searchAsTyped } from './catalogue-search.ts'
import { element } from './element.ts'
import type { Subject } from './report-address.ts'

/** Of songs and of artists each: both must be in sight at once. */
const RESULTS_MAX = 5

interface Choice {
  subject: Subject
  name: string
  about: string
}

/** Fills `host`; `picked` is told what the person chose. */
export function subjectPicker(host: HTMLElement, picked: (subject: Subject) => void): void {
  let choices: Choice[] = []
  let active = -1
  const box = element('input', {
    id: 'pick',
    type: 'search',
    role: 'combobox',
    'aria-expanded': 'false',
    'aria-controls': 'pick-list',
    'aria-autocomplete': 'list',
    'aria-label': 'Find a song or an artist',
    placeholder: 'Find a song or an artist',
    autocomplete: 'off',
    spellcheck: 'false',
    maxlength: 200,
  })
  const list = element('ul', {
    id: 'pick-list',
    class: 'pick-list',
    role: 'listbox',
    'aria-label': 'Songs and artists',
    hidden: true,
  })
  const status = element('p', { class: 'pick-status', role: 'status', hidden: true })
  host.append(box, list, status)

  const close = (): void => {
    list.hidden = true
    status.hidden = true
    active = -1
    box.setAttribute('aria-expanded', 'false')
    box.removeAttribute('aria-activedescendant')
  }
  const say = (text: string): void => {
    close()
    choices = []
    status.textContent = text
    status.hidden = false
  }
  const choose = ({ subject }: Choice): void => {
    close()
    box.value = ''
    look('')
    picked(subject)
  }
  const activate = (at: number): void => {
    active = at
    for (const [index, option] of [...list.querySelectorAll('[role=option]')].entries()) {
      option.setAttribute('aria-selected', String(index === at))
      if (index === at) option.scrollIntoView({ block: 'nearest' })
    }
    if (at >= 0) box.setAttribute('aria-activedescendant', `pick-${at}`)
    else box.removeAttribute('aria-activedescendant')
  }
  const show = (found: Found): void => {
    choices = [...songChoices(found), ...artistChoices(found)]
    list.replaceChildren(
      ...choices.map((choice, at) =>
        element(
          'li',
          {
            id: `pick-${at}`,
            role: 'option',
            'aria-selected': 'false',
            // Before the box loses focus and closes the list.
            onmousedown: (event: Event) => event.preventDefault(),
            onclick: () => choose(choice),
          },
          element('span', { class: 'pick-name' }, choice.name),
          element('span', { class: 'pick-about' }, choice.about),
        ),
      ),
    )
    list.hidden = false
    status.hidden = true
    box.setAttribute('aria-expanded', 'true')
    activate(-1)
  }
  const look = searchAsTyped(RESULTS_MAX, {
    found: (query, found) =>
      found.songs.length + found.artists.length === 0 ? say(`Nothing is called “${query}…”.`) : show(found),
    failed: (_, error) => say(error.message),
    emptied: () => {
      choices = []
      close()
    },
  })

  box.addEventListener('input', () => look(box.value))
  box.addEventListener('blur', close)
  box.addEventListener('focus', () => {
    if (box.value.trim() !== '') look(box.value, true)
  })
  box.addEventListener('keydown', (event) => {
    const open = !list.hidden
    if (event.key === 'Escape') close()
    else if (event.key === 'Enter') {
      const choice = choices[Math.max(active, 0)]
      if (open && choice !== undefined) choose(choice)
    } else if (open && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      const step = event.key === 'ArrowDown' ? 1 : -1
      activate((Math.max(active, step === 1 ? -1 : 0) + step + choices.length) % choices.length)
    } else return
    event.preventDefault()
  })
}

function songChoices({ songs }: Found): Choice[] {
  return songs.map(({ track_id, title, artist_name }) => choice('songs', track_id, title, `Song · ${artist_name}`))
}

function artistChoices({ artists }: Found): Choice[] {
  return artists.map(({ artist_id, artist_name }) => choice('artists', artist_id, artist_name, 'Artist'))
}

function choice(kind: TopKind, id: string, name: string, about: string): Choice {
  return { subject: { kind, id }, name, about }
}
