// A process of its own that installs a model with the built program and says what happened, one
// line of JSON for each event. Arguments: endpoint, cache folder, model name.
import { installModel } from '../../../dist/store/install.js'
import { parseModelName } from '../../../dist/store/model-name.js'
import { createModelStore } from '../../../dist/store/store.js'

const [, , endpoint, root, name] = process.argv
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`)
const store = createModelStore({ root, hub: { endpoint } })
try {
  const model = await installModel(store, parseModelName(name), { onEvent: say })
  say({ kind: 'installed', folder: model.folder, verified: model.verified })
} catch (error) {
  say({ kind: 'failed', message: error.message })
}
