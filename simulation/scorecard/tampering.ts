/** Ways to spoil a block, as a broken kernel would: mutants for rows that no knob can bring out of band. */
import { kindCode } from '../../datasets/event-kind.ts'
import type { EventBlock } from '../kernel/event-block.ts'

/** `order`: some rows change places. `silence`: skips are told no more. */
export type Tampering = 'order' | 'silence'

const SKIP = kindCode('skip')
const PAUSE = kindCode('pause')

export function tamper(block: EventBlock, how: Tampering): void {
  if (how === 'order') {
    for (let row = 40; row + 1 < block.count; row += 40) {
      const kind = block.kind[row]!
      block.kind[row] = block.kind[row + 1]!
      block.kind[row + 1] = kind
    }
  } else {
    for (let row = 0; row < block.count; row++) if (block.kind[row] === SKIP) block.kind[row] = PAUSE
  }
}
