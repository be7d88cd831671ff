// The largest numbers that config.json may hold.
//
// Each is far above every published model and far below what would fill the memory or keep the
// compiler busy for hours: a file from the internet may say `window_size: 1e9`.
import { z } from 'zod'

/** Florence-2 has four. */
export const MAX_STAGES = 8
/** A stage of Florence-2 has nine blocks at most. */
const MAX_DEPTH = 48
/** Florence-2-large has 2,048 channels and 4,096 hidden ones. */
const MAX_WIDTH = 16_384
const MAX_HIDDEN_WIDTH = 65_536
/** Florence-2-large has 64 in a stage. */
const MAX_HEADS = 1024
/** Florence-2-large has twelve. */
const MAX_LAYERS = 96
/** Kernels of the strided convolutions have 7 pixels. */
const MAX_PATCH = 64
/** A map of 768 pixels has 192 cells a side; a window larger than the map is mostly padding. */
const MAX_WINDOW = 256
/** Hidden channels for each channel: 4 everywhere. */
const MAX_MLP_RATIO = 32
/** Rows and columns of the last map: 50 everywhere. */
const MAX_MAP_POSITIONS = 1024
/** 1,024 and 4,096 in published models. */
const MAX_TEXT_POSITIONS = 65_536

const count = z.number().int().min(1)

export const depthCount = z.number().int().min(0).max(MAX_DEPTH)
export const channelCount = count.max(MAX_HIDDEN_WIDTH)
export const hiddenWidth = count.max(MAX_WIDTH)
export const headCount = count.max(MAX_HEADS)
export const layerCount = count.max(MAX_LAYERS)
export const patchSide = count.max(MAX_PATCH)
export const patchStride = count.max(MAX_PATCH)
export const windowSide = count.max(MAX_WINDOW)
export const mlpRatio = z.number().positive().max(MAX_MLP_RATIO)
export const mapPositions = count.max(MAX_MAP_POSITIONS)
export const textPositions = count.max(MAX_TEXT_POSITIONS)
