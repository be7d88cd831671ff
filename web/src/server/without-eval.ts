// zod compiles schemas with `new Function` where it may. The page's content security policy forbids
// that, and even trying is reported as an error; so it is told before the first schema is made.
import { config } from 'zod'

config({ jitless: true })
