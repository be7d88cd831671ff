// How long something takes yet, as one would say it.

const MINUTE = 60
const HOUR = 60 * MINUTE

/** `about 40 seconds left`; no more exact than such a guess is. */
export function timeLeftInWords(seconds: number): string {
  if (seconds < MINUTE) return `about ${count(Math.max(1, Math.round(seconds)), 'second')} left`
  if (seconds < HOUR) return `about ${count(Math.round(seconds / MINUTE), 'minute')} left`
  return `about ${count(Math.round(seconds / HOUR), 'hour')} left`
}

function count(number: number, unit: string): string {
  return `${number} ${unit}${number === 1 ? '' : 's'}`
}
