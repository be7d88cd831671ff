// How far FloCap's numbers may be from the reference's; docs/reference/parity.md repeats them.

/** Stages of the model: what float32 arithmetic in another order may differ by, relative L2. */
export const STAGE_TOLERANCE = 1e-4

/** Random encoder layers amplify a difference of their input; the worst case measured is 1.1e-4. */
export const RANDOM_ENCODER_TOLERANCE = 2e-4

/** Scores of answers against generate()'s own float32 log-softmax, relative above 1. */
export const SCORE_TOLERANCE = 1e-5

/** Probabilities that sampling draws from, absolute. */
export const PROBABILITY_TOLERANCE = 2e-6
