// The settings of how picture files are read.
import { type Background, DEFAULT_BACKGROUND, parseBackground } from '../base/background.ts'
import { DEFAULT_MAX_MEGAPIXELS } from '../base/picture-limits.ts'
import { parseInteger } from './parse-values.ts'
import type { SettingKind } from './settings.ts'

export interface PictureSettings {
  /** Of transparent pictures. */
  readonly background: Background
  /** Millions of pixels. */
  readonly maxMegapixels: number
}

export type PictureSettingName = keyof PictureSettings

/** As RGB 1.5 GB, and decoding may take twice that; nothing larger was ever tried. */
const MAX_MAX_MEGAPIXELS = 500

/** Spread into the table of settings.ts. */
export const PICTURE_SETTINGS: {
  readonly [Name in PictureSettingName]: SettingKind<PictureSettings[Name]>
} = {
  background: {
    environment: 'FLOCAP_BACKGROUND',
    placeholder: 'colour',
    default: DEFAULT_BACKGROUND,
    description:
      "What shows where a picture is transparent: white, black, checker, a colour as #rrggbb, or 'reference', which drops alpha as Microsoft's processor does.",
    parse: parseBackground,
  },
  maxMegapixels: {
    environment: 'FLOCAP_MAX_MEGAPIXELS',
    placeholder: 'number',
    default: DEFAULT_MAX_MEGAPIXELS,
    description:
      'Largest picture, in millions of pixels; decoding one takes 3 to 8 bytes of memory for each.',
    parse: (text) => parseInteger(text, 1, MAX_MAX_MEGAPIXELS),
  },
}

/** In the order of the table. */
export const PICTURE_NAMES: readonly PictureSettingName[] = ['background', 'maxMegapixels']
