/** DOM elements, made in one expression. Text goes in as text nodes only, so no name from outside can become markup. */
export type Child = Node | string | number | undefined | false

type Attribute = string | number | boolean | undefined | ((event: never) => void)
export type Attributes = Readonly<Record<string, Attribute>>

/** `on…` functions become listeners; `true` is an empty attribute, `false` and undefined none. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  return fill(document.createElement(tag), attributes, children)
}

/** As {@link element}, in the SVG namespace. */
export function svgElement<K extends keyof SVGElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): SVGElementTagNameMap[K] {
  return fill(document.createElementNS('http://www.w3.org/2000/svg', tag), attributes, children)
}

/** An element of the page's own HTML. @throws Error when the page has none of that id and kind: a fault in this folder */
export function byId<T extends HTMLElement>(id: string, kind: new () => T): T {
  const found = document.getElementById(id)
  if (found instanceof kind) return found
  throw new Error(`the page has no ${kind.name} #${id}`)
}

/** A decorative icon of one path on a 24 × 24 grid; the control around it carries the name. */
export function icon(path: string): SVGSVGElement {
  return svgElement(
    'svg',
    { viewBox: '0 0 24 24', class: 'icon', 'aria-hidden': 'true' },
    svgElement('path', { d: path }),
  )
}

/** Shapes drawn for these pages. */
export const ICONS = {
  play: 'M8 5v14l11-7z',
  pause: 'M7 5h4v14H7zM13 5h4v14h-4z',
  skip: 'M5 5v14l9-7zM15 5h3v14h-3z',
  up: 'M2 10h4v10H2zM8 20V10l4-8c1.7 0 2.6 1.2 2.3 2.800L13.6 8H20a2 2 0 0 1 2 2.300l-1.4 8A2 2 0 0 1 18.6 20z',
  down: 'M2 4h4v10H2zM8 4v10l4 8c1.7 0 2.6-1.2 2.3-2.800L13.6 16H20a2 2 0 0 0 2-2.300l-1.4-8A2 2 0 0 0 18.6 4z',
} as const

function fill<T extends Element>(target: T, attributes: Attributes, children: readonly Child[]): T {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') target.addEventListener(name.slice(2), value as EventListener)
    else if (value !== undefined && value !== false) target.setAttribute(name, value === true ? '' : String(value))
  }
  for (const child of children) {
    if (child !== undefined && child !== false) target.append(child instanceof Node ? child : String(child))
  }
  return target
}
