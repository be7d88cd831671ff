import { describeLineQueue } from '../../test/support/line-queue-suite.ts'
import { createEmbeddedQueue } from './embedded-queue.ts'

describeLineQueue('embedded', async () => createEmbeddedQueue())
