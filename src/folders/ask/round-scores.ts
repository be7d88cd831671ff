// Scores with the digits that mean something. The further ones depend on which other pictures shared the
// arithmetic, and would make files of the same answers differ from run to run.
import type { Scored, TaskData } from '../../caption/task-data.ts'

const DIGITS = 4

export function roundScore(score: number): number {
  return Number(score.toFixed(DIGITS))
}

export function roundScores(data: TaskData): TaskData {
  switch (data.kind) {
    case 'text':
      return data
    case 'boxes':
      return { ...data, boxes: data.boxes.map(rounded) }
    case 'quads':
      return { ...data, quads: data.quads.map(rounded) }
    case 'polygons':
      return { ...data, polygons: data.polygons.map(rounded) }
    case 'boxes_or_polygons':
      return { ...data, boxes: data.boxes.map(rounded), polygons: data.polygons.map(rounded) }
  }
}

function rounded<Finding extends Scored>(finding: Finding): Finding {
  return finding.score === undefined ? finding : { ...finding, score: roundScore(finding.score) }
}
