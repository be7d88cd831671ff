// Settings are in the units that people write; everything below takes bytes and milliseconds.

export const BYTES_PER_MB = 1024 * 1024
export const MS_PER_SECOND = 1000
