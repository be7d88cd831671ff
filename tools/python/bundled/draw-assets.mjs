// Turns npm packages of drawings, fonts and words into what the training reads: one folder with
// sprites.bin (RGBA, not premultiplied), sprites.json, words.json and the font files.
//
//   npm install && node draw-assets.mjs FOLDER
//
// It is JavaScript because the drawings are SVG in npm packages, and sharp draws them.
import { copyFileSync, createWriteStream, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import sharp from 'sharp'

/** Large enough for sample pictures of some 600 pixels, small enough for all sprites in memory. */
const SIDE = 192

/** OpenMoji is left out: its licence (CC BY-SA) would pass on to the sample pictures. */
const STYLES = ['noto', 'twemoji', 'fluent-emoji-flat']

const FONTS = {
  'roboto.ttf': '@expo-google-fonts/roboto/700Bold/Roboto_700Bold.ttf',
  'nunito.ttf': '@expo-google-fonts/nunito/700Bold/Nunito_700Bold.ttf',
  'merriweather.ttf': '@expo-google-fonts/merriweather/700Bold/Merriweather_700Bold.ttf',
}

/** emojibase's groups: food, travel, activities, objects. */
const STRANGER_GROUPS = [4, 5, 6, 7]

/**
 * Drawings that resemble a thing the model knows by name are not strangers to it, and pictures
 * of nothing but ground or sky are no objects.
 */
const NOT_STRANGE =
  /moon|sun|star|night|city|clock|thirty|umbrella|heart|train|tram|rail|metro|car\b|taxi|bus|truck|lorry|pickup|boat|ship|ferry|airplane|bicycle|book|notebook|ledger|cloud|bell|house|home|building|ball\b|camera|phone|telephone|lock|key|ring|shoe|boot|hat|cap|shirt|glasses|goggles|dress|kimono|backpack|pencil|pen\b|crayon|hammer|pick|axe|guitar|banjo|violin|horn|saxophone|drum|candle|lamp|chair|seat|tent|cake|bread|pie|egg|cookie|pizza|burger|cheese|apple|melon|tangerine|mango|peach|tomato|lime|kiwi|coconut|banana|corn|pepper|tea|beverage|candy|ice-cream|gift|envelope|ribbon|medal|trophy|balloon|kite|laptop|computer|television|video|rocket|saucer|helicopter|motor|scooter|tractor|anchor|snow|fire|rainbow|carousel|mountain|volcano|fuji|beach|desert|park|sunrise|bridge|fog|milky|fireworks|sparkle|cityscape|mirror|crown|ladder|magnet|scissors|robot/

const require = createRequire(import.meta.url)
const folder = process.argv[2]
if (folder === undefined) throw new Error('expected the folder to write to')
mkdirSync(folder, { recursive: true })

const sets = STYLES.map((style) => ({ style, ...require(`@iconify-json/${style}/icons.json`) }))

async function draw(set, key) {
  const icon = set.icons[key]
  const width = icon.width ?? set.width ?? 16
  const height = icon.height ?? set.height ?? 16
  const box = `${icon.left ?? 0} ${icon.top ?? 0} ${width} ${height}`
  const svg = `<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="${box}" width="${SIDE}" height="${SIDE}">${icon.body}</svg>`
  return sharp(Buffer.from(svg))
    .resize(SIDE, SIDE, { fit: 'contain', background: { r: 0, g: 0, b: 0, alpha: 0 } })
    .ensureAlpha()
    .raw()
    .toBuffer()
}

const things = JSON.parse(readFileSync(new URL('things.json', import.meta.url), 'utf8'))
const known = new Set(Object.values(things))
const slug = (label) => label.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')
const strangers = require('emojibase-data/en/data.json')
  .filter(({ group }) => STRANGER_GROUPS.includes(group))
  .map(({ label }) => slug(label))
  .filter((key) => !known.has(key) && !NOT_STRANGE.test(key))

const sprites = []
const file = createWriteStream(join(folder, 'sprites.bin'))
async function add(name, key) {
  for (const set of sets) {
    if (set.icons[key] === undefined) {
      if (name !== null) throw new Error(`${set.style} has no ${key}`)
      continue
    }
    file.write(await draw(set, key))
    sprites.push({ name, icon: key, style: set.style })
  }
}
for (const [name, key] of Object.entries(things)) await add(name, key)
for (const key of strangers) await add(null, key)
await new Promise((resolve) => file.end(resolve))

const vocabulary = new Set()
for (const word of require('an-array-of-english-words')) {
  if (/^[a-z]{3,8}$/.test(word)) vocabulary.add(word.toUpperCase())
}
writeFileSync(join(folder, 'words.json'), JSON.stringify([...vocabulary].toSorted()))
writeFileSync(join(folder, 'sprites.json'), JSON.stringify({ side: SIDE, names: Object.keys(things), sprites }))
for (const [name, source] of Object.entries(FONTS)) {
  copyFileSync(require.resolve(source), join(folder, name))
}
console.log(`${sprites.length} sprites of ${Object.keys(things).length} things and ${strangers.length} strangers`)
