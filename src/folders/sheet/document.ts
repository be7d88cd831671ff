// What stands around the cards of a contact sheet. The page asks for nothing from anywhere: its policy
// forbids it, and allows no script but the one below.
import { createHash } from 'node:crypto'
import { escapeMarkup } from '../../base/escape-markup.ts'

const STYLE = `
:root { color-scheme: light dark; font: 15px/1.45 system-ui, sans-serif; }
body { margin: 0; background: Canvas; color: CanvasText; }
header { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .5rem 1.5rem;
  align-items: baseline; padding: .75rem 1rem; background: Canvas;
  border-bottom: 1px solid color-mix(in srgb, CanvasText 20%, Canvas); }
h1 { margin: 0; font-size: 1.15rem; }
h2 { margin: .6rem 0 .2rem; font-size: .8rem; font-weight: 600; overflow-wrap: anywhere; }
label { white-space: nowrap; }
select, input { font: inherit; }
main { display: grid; grid-template-columns: repeat(auto-fill, minmax(16rem, 1fr)); gap: 1rem;
  padding: 1rem; align-items: start; }
article { padding: .6rem; border-radius: .4rem; content-visibility: auto;
  contain-intrinsic-size: auto 22rem;
  border: 1px solid color-mix(in srgb, CanvasText 20%, Canvas); }
article[hidden] { display: none; }
figure { position: relative; margin: 0; background: color-mix(in srgb, CanvasText 8%, Canvas);
  max-height: 24rem; margin-inline: auto; }
figure img, figure svg { position: absolute; inset: 0; width: 100%; height: 100%; }
figure svg path { vector-effect: non-scaling-stroke; stroke-width: 1.5px; }
figure svg path.rim { stroke-width: 3px; }
body.plain figure svg { display: none; }
p { margin: .25rem 0; overflow-wrap: anywhere; white-space: pre-line; }
small { color: color-mix(in srgb, CanvasText 70%, Canvas); }
.why { font-style: italic; }
.failed { border-color: #c33; border-width: 2px; }
meter { width: 4rem; vertical-align: middle; }
`

/** Sorts and filters what is there; without it the cards stand in the order of the files. */
const SCRIPT = `
const main = document.querySelector('main')
const cards = [...main.children]
const order = document.querySelector('#order')
const words = document.querySelector('#words')
const places = document.querySelector('#places')
const sure = (card) => Number(card.dataset.sure ?? -1)
const orders = {
  files: (a, b) => a.dataset.place - b.dataset.place,
  unsure: (a, b) => sure(a) - sure(b) || a.dataset.place - b.dataset.place,
  sure: (a, b) => sure(b) - sure(a) || a.dataset.place - b.dataset.place,
}
order.addEventListener('change', () => main.append(...cards.toSorted(orders[order.value])))
words.addEventListener('input', () => {
  const wanted = words.value.toLowerCase()
  for (const card of cards) card.hidden = !card.textContent.toLowerCase().includes(wanted)
})
places.addEventListener('change', () => document.body.classList.toggle('plain', !places.checked))
document.querySelector('#tools').hidden = false
`

const SCRIPT_HASH = createHash('sha256').update(SCRIPT).digest('base64')

const POLICY = `default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-${SCRIPT_HASH}'`

/** @param title as text. */
export function renderHead(title: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="FloCap">
<title>${escapeMarkup(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>${escapeMarkup(title)}</h1>
<span id="tools" hidden>
<label>Order <select id="order">
<option value="files">as the files</option>
<option value="unsure">least sure first</option>
<option value="sure">surest first</option>
</select></label>
<label>Search <input id="words" type="search"></label>
<label><input id="places" type="checkbox" checked> Show what was found</label>
</span>
</header>
<main>
`
}

/** @param note what the run came to, as text. */
export function renderFoot(note: string): string {
  return `</main>
<footer><p style="padding: 0 1rem">${escapeMarkup(note)}</p></footer>
<script>${SCRIPT}</script>
</body>
</html>
`
}
