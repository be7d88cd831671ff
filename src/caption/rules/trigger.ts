// The word by which a fine-tuned model is called, as trainers write it: first, with a comma behind it.

/** What ai-toolkit replaces by its own trigger word. */
export const TRIGGER_PLACEHOLDER = '[trigger]'

/** A caption that begins with it already stays as it is. */
export function addTrigger(text: string, trigger: string): string {
  if (text === trigger) return text
  const next = text.startsWith(trigger) ? text.charAt(trigger.length) : undefined
  const begins = next !== undefined && !/[\p{L}\p{N}_]/u.test(next)
  return begins ? text : `${trigger}, ${text}`
}
