// sharp with FloCap's settings. They hold for the whole process, so sharp is imported nowhere else.
import sharp from 'sharp'

/** A second thread copies rows while the first decodes (55 against 68 ms for 12 megapixels). */
const THREADS = 2

/**
 * What libvips may open, from memory only; anything else is out of reach whatever the bytes look
 * like. SVG is for the overlays that annotate.ts draws: sniffing keeps callers' SVG files out.
 */
const LOADERS = ['Jpeg', 'Png', 'Webp', 'Tiff', 'Heif', 'Svg']

// No picture is opened twice, so a cache would only hold memory.
sharp.cache(false)
sharp.concurrency(THREADS)
sharp.block({ operation: ['VipsForeignLoad'] })
sharp.unblock({ operation: LOADERS.map((loader) => `VipsForeignLoad${loader}Buffer`) })

export { sharp }
