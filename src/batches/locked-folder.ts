// The folder of batches belongs to one process: two would run the same lines. The lock is taken when the
// folder is first needed; while another process has it, requests are told so, and it is waited for.
import { join } from 'node:path'
import { FlocapError } from '../base/errors.ts'

/** Who else works on the folder, where the lock says it. */
export interface LockHolder {
  readonly pid: number
}

export interface HeldLock {
  release(): Promise<void>
}

/** Resolves when no other process has the lock. @param onWait told who has it. */
export type Lock = (
  path: string,
  options: {
    readonly signal: AbortSignal
    readonly onWait: (holder: LockHolder | undefined) => void
  },
) => Promise<HeldLock>

export interface LockedFolder {
  /**
   * @param prepare what is done once, when it is locked.
   * @throws FlocapError batches_elsewhere while another process has it; then the wait goes on.
   */
  open(prepare: () => Promise<void>): Promise<void>
  close(): Promise<void>
}

export function createLockedFolder(root: string, lock: Lock, signal: AbortSignal): LockedFolder {
  let opening: Promise<void> | undefined
  let held: HeldLock | undefined
  let isOpen = false
  let refuse: (error: FlocapError) => void = () => undefined
  const elsewhere = new Promise<never>((_, reject) => {
    refuse = reject
  })
  // Most of the time it is never waited for.
  elsewhere.catch(() => undefined)

  async function begin(prepare: () => Promise<void>): Promise<void> {
    held = await lock(join(root, '.lock'), {
      signal,
      onWait: (holder) => refuse(worksElsewhere(holder)),
    })
    try {
      await prepare()
      isOpen = true
    } catch (error) {
      await held.release()
      held = undefined
      throw error
    }
  }

  return {
    async open(prepare) {
      // Each race would leave something on a promise that lives as long as the server.
      if (isOpen) return
      if (opening === undefined) {
        opening = begin(prepare)
        // The next request tries again.
        opening.catch(() => {
          opening = undefined
        })
      }
      await Promise.race([opening, elsewhere])
    },
    async close() {
      await opening?.catch(() => undefined)
      await held?.release()
    },
  }
}

function worksElsewhere(holder: LockHolder | undefined): FlocapError {
  const who = holder === undefined ? 'Another FloCap' : `The FloCap with process id ${holder.pid}`
  return new FlocapError('batches_elsewhere', `${who} works on the batches of this home folder.`, {
    hint: 'Send the request there, stop it, or start this one with another --home.',
  })
}
