// How large a picture may be, which the setting says and the decoder obeys.

export const PIXELS_PER_MEGAPIXEL = 1_000_000

/** What the sensors of phones make that say '108 MP', and a little room. */
export const DEFAULT_MAX_MEGAPIXELS = 120
