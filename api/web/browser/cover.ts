/** A song has no picture here, so its id draws one: rings whose sizes and turns are the id's own, always the same. */
import { svgElement } from './element.ts'

const CLASSES = ['cover-a', 'cover-b', 'cover-c', 'cover-d'] as const

/** A decorative square for an id. Colours come from the stylesheet, so it follows light and dark. */
export function cover(id: string): SVGSVGElement {
  const draws = hashed(id)
  const rings = [42, 33, 24, 15].map((radius, at) => {
    const around = 2 * Math.PI * radius
    const length = around * (0.25 + 0.6 * draws[at]!)
    return svgElement('circle', {
      cx: 50,
      cy: 50,
      r: radius,
      class: 'cover-ring',
      'stroke-dasharray': `${length.toFixed(1)} ${(around - length).toFixed(1)}`,
      transform: `rotate(${Math.round(360 * draws[at + 4]!)} 50 50)`,
    })
  })
  const tint = CLASSES[Math.floor(draws[8]! * CLASSES.length)]!
  return svgElement(
    'svg',
    { viewBox: '0 0 100 100', class: `cover ${tint}`, 'aria-hidden': 'true' },
    svgElement('rect', { width: 100, height: 100, class: 'cover-ground' }),
    ...rings,
    svgElement('circle', { cx: 50, cy: 50, r: 5, class: 'cover-hub' }),
  )
}

/** Nine numbers in [0, 1) that depend on every character (FNV-1a, then a mix for each). */
function hashed(id: string): number[] {
  let hash = 0x811c9dc5
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193)
  return Array.from({ length: 9 }, (_, at) => {
    let word = Math.imul(hash ^ Math.imul(at + 1, 0x9e3779b9), 0x85ebca6b)
    word = Math.imul(word ^ (word >>> 13), 0xc2b2ae35)
    return ((word ^ (word >>> 16)) >>> 0) / 0x100000000
  })
}
