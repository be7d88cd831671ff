// ONNX Runtime with its reports switched off. Everything takes the library from here.
//
// Its official builds for Linux and macOS report to Microsoft what they run: the machine, the models
// by hash, how long they take. They keep a number for the machine in the user's cache folder, and
// beside it what could not be sent yet. FloCap is private. The library reads the variable when it is
// loaded, hence the late import.
//
// On Windows the variable does nothing: there ONNX Runtime writes events for the system's own
// tracing, which passes them on as far as the user has agreed to optional diagnostic data.
import type { InferenceSession as Session, Tensor as AnyTensor } from 'onnxruntime-node'

// oxlint-disable-next-line node/no-process-env -- the only switch there is
process.env['ORT_DISABLE_TELEMETRY'] = '1'

export const { env, InferenceSession, Tensor } = await import('onnxruntime-node')
export type InferenceSession = Session
export type Tensor = AnyTensor
