/** The markup of the live view; its script is browser/live.ts. */
import { type Markup, markup } from '../report/page.ts'

export function livePage({ script, label }: { script: string; label: string }): Markup {
  return markup`<header class="head"><h1>${script}</h1><p class="soft">Run ${label}, live</p></header>
<main>
<p class="now" id="now" role="status">Waiting for the first second…</p>
<section id="ended" class="verdict" hidden></section>
<form class="controls" id="controls">
<button type="button" id="pause">Pause</button>
<label for="count">Listeners</label> <input id="count" type="number" min="0" max="100000" step="1" required>
<button type="submit" id="scale">Scale</button>
<button type="button" id="stop">Stop the run</button>
<span id="problem" role="alert"></span>
</form>
<div id="marks"></div>
<div id="charts"></div>
</main>`
}
