// Texts that end an answer, as clients of all dialects send them: one, or a list.
import { z } from 'zod'
import { MAX_STOP_CHARACTERS, MAX_STOP_TEXTS } from '../../caption/generation.ts'

const StopText = z.string().max(MAX_STOP_CHARACTERS)

export const StopTexts = z.array(StopText).max(MAX_STOP_TEXTS)

export const Stop = z.union([StopText, StopTexts])
