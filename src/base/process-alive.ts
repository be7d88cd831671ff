// Whether another process of this machine still runs, for what it may have left behind.
import { systemCode } from './system-errors.ts'

/** Also true for a process of another user, which may not be signalled: EPERM. */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return systemCode(error) !== 'ESRCH'
  }
}
