/** Finds plates with OpenCV. Runs in a worker of the hub's pool. */
import type { Box, Corners, LocateOptions, Located, Pixels, Point } from '../../core/plugins/define.ts';
import { nativeComponents, type Threshold } from './native-opencv.ts';
import { openCv, withMats, type Cv, type Keep } from './opencv.ts';
import { LEAST_ROW_EVIDENCE, plateProbability, rowEvidence } from './evidence.ts';
import { findRows, isCharacterLike, type Blob, type Row } from './rows.ts';
import { findSheet, type Grey } from './sheet.ts';

/** Longest side of the picture that is searched; a full-HD frame is halved when plates need not be small. */
const SEARCH_SIDE = 1280;
/** Rows whose sheet is looked for: in 99 of 100 labelled photographs the plate was among the first five by its row alone. */
const MOST_ROWS = 24;
/** A weaker hypothesis is not worth a read. */
const LEAST_CONFIDENCE = 0.15;

interface Candidate {
  readonly corners: Corners;
  readonly box: Box;
  readonly confidence: number;
  readonly row: Row;
}

export interface LocateArgs extends Pixels {
  readonly options: LocateOptions;
}

export async function locate({ data, width, height, options }: LocateArgs): Promise<Located[]> {
  const { cv } = await openCv();
  const scale = Math.min(1, SEARCH_SIDE / Math.max(width, height));
  return withMats(cv, (keep) => {
    const frame = keep(new cv.Mat(height, width, cv.CV_8UC3));
    frame.data.set(data);
    const grey = keep(new cv.Mat());
    cv.cvtColor(frame, grey, cv.COLOR_RGB2GRAY);
    const small = keep(new cv.Mat());
    if (scale < 1) {
      cv.resize(grey, small, new cv.Size(Math.round(width * scale), Math.round(height * scale)), 0, 0, cv.INTER_AREA);
    } else grey.copyTo(small);
    const picture: Grey = { data: new Uint8Array(small.data), width: small.cols, height: small.rows };
    const candidates: Candidate[] = [];
    const likely = characterBlobs(cv, keep, small, options.minPlateHeight * scale)
      .flatMap(({ blobs, lightInk }) => findRows(blobs).map((row) => ({ row, lightInk })))
      .map(({ row, lightInk }) => ({ row, lightInk, evidence: rowEvidence(picture, row, lightInk) }))
      .filter(({ evidence }) => evidence.logOdds > LEAST_ROW_EVIDENCE)
      .sort((a, b) => b.evidence.logOdds - a.evidence.logOdds)
      .slice(0, MOST_ROWS);
    for (const { row, lightInk, evidence } of likely) {
      const sheet = findSheet(picture, row, lightInk);
      if (!sheet || !hasPlateShape(sheet.corners)) continue;
      candidates.push({
        corners: sheet.corners,
        box: boxOf(sheet.corners),
        confidence: plateProbability(evidence, sheet),
        row,
      });
    }
    return suppress(candidates)
      .slice(0, options.maxPlates)
      .map(({ corners, box, confidence }) => ({
        corners: corners.map(([x, y]): Point => [x / scale, y / scale]) as unknown as Corners,
        box: clip(box, picture.width, picture.height).map((n) => Math.round(n / scale)) as unknown as Box,
        confidence,
      }))
      .filter(({ box }) => box[3] >= options.minPlateHeight);
  });
}

/** Components of a thresholded picture, as rows of five numbers; by the machine's own OpenCV where there is one. */
function components(cv: Cv, keep: Keep, grey: InstanceType<Cv['Mat']>): (threshold: Threshold) => Int32Array {
  if (nativeComponents !== null) {
    const native = nativeComponents;
    const picture = { data: new Uint8Array(grey.data), width: grey.cols, height: grey.rows };
    return (threshold) => native(picture, threshold);
  }
  const binary = keep(new cv.Mat());
  const labels = keep(new cv.Mat());
  const stats = keep(new cv.Mat());
  const centroids = keep(new cv.Mat());
  return ({ block, offset, lightInk }) => {
    const type = lightInk ? cv.THRESH_BINARY : cv.THRESH_BINARY_INV;
    const method = cv.ADAPTIVE_THRESH_MEAN_C;
    cv.adaptiveThreshold(grey, binary, 255, method, type, block, lightInk ? -offset : offset);
    const count = cv.connectedComponentsWithStats(binary, labels, stats, centroids, 8, cv.CV_32S as number);
    return stats.data32S.subarray(0, count * 5);
  };
}

/** Character-like components of both polarities at two neighbourhood sizes: fine print and large close-ups. */
function characterBlobs(
  cv: Cv,
  keep: Keep,
  grey: InstanceType<Cv['Mat']>,
  minPlateHeight: number,
): { readonly blobs: readonly Blob[]; readonly lightInk: boolean }[] {
  const componentsOf = components(cv, keep, grey);
  const found: { blobs: Blob[]; lightInk: boolean }[] = [];
  // Characters take a third of a plate's height at least.
  const least = Math.max(7, minPlateHeight / 3);
  for (const { block, offset, most } of [
    { block: 21, offset: 8, most: 50 },
    { block: 61, offset: 10, most: 160 },
  ]) {
    for (const lightInk of [false, true]) {
      const table = componentsOf({ block, offset, lightInk });
      const blobs: Blob[] = [];
      for (let at = 5; at < table.length; at += 5) {
        const [x = 0, y = 0, width = 0, height = 0, area = 0] = table.subarray(at, at + 5);
        const blob = { x, y, width, height, area };
        if (isCharacterLike(blob, least, most)) blobs.push(blob);
      }
      found.push({ blobs, lightInk });
    }
  }
  return found;
}

function boxOf(corners: Corners): Box {
  const xs = corners.map(([x]) => x);
  const ys = corners.map(([, y]) => y);
  const left = Math.min(...xs);
  const top = Math.min(...ys);
  return [left, top, Math.max(...xs) - left, Math.max(...ys) - top];
}

function clip([x, y, width, height]: Box, frameWidth: number, frameHeight: number): Box {
  const left = Math.max(0, x);
  const top = Math.max(0, y);
  return [left, top, Math.min(frameWidth, x + width) - left, Math.min(frameHeight, y + height) - top];
}

/** From a motorcycle's three lines to a long European plate. */
function hasPlateShape([tl, tr, , bl]: Corners): boolean {
  const aspect = Math.hypot(tr[0] - tl[0], tr[1] - tl[1]) / Math.hypot(bl[0] - tl[0], bl[1] - tl[1]);
  return aspect > 0.9 && aspect < 7.5;
}

function overlap(a: Box, b: Box): { readonly union: number; readonly smaller: number } {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  const shared = Math.max(0, width) * Math.max(0, height);
  const areaA = a[2] * a[3];
  const areaB = b[2] * b[3];
  return { union: shared / (areaA + areaB - shared), smaller: shared / Math.min(areaA, areaB) };
}

/**
 * Several hypotheses of one plate become one: the surest keeps its corners, and each that agrees makes it surer. A line of
 * small print below a number belongs to its plate, whichever of the two was found first.
 */
function suppress(candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  for (const candidate of [...candidates].sort((a, b) => b.confidence - a.confidence)) {
    if (candidate.confidence < LEAST_CONFIDENCE) break;
    const same = kept.findIndex((k) => {
      const { union, smaller } = overlap(k.box, candidate.box);
      return union > 0.3 || smaller > 0.6 || isCaption(k.row, candidate.row) || isCaption(candidate.row, k.row);
    });
    const winner = kept[same];
    if (!winner) {
      kept.push(candidate);
    } else if (isCaption(winner.row, candidate.row)) {
      kept[same] = withCaption(winner, candidate.row);
    } else if (isCaption(candidate.row, winner.row)) {
      kept[same] = withCaption({ ...candidate, confidence: winner.confidence }, winner.row);
    } else if (overlap(winner.box, candidate.box).union > 0.5) {
      kept[same] = { ...winner, confidence: 1 - (1 - winner.confidence) * (1 - 0.3 * candidate.confidence) };
    }
  }
  return kept.sort((a, b) => b.confidence - a.confidence);
}

/** A province or slogan under a number: smaller, close, centred. */
function isCaption(number: Row, below: Row): boolean {
  const ratio = below.height / number.height;
  if (ratio < 0.2 || ratio > 0.7 || Math.abs(below.angle - number.angle) > 0.15) return false;
  const dx = below.cx - number.cx;
  const down = (below.cy - number.cy - Math.tan(number.angle) * dx) / number.height;
  return down > 0.55 && down < 1.3 && Math.abs(dx) < 0.35 * number.length && below.length < 1.15 * number.length;
}

/** Lowers the bottom edge until the caption is on the plate. */
function withCaption(plate: Candidate, caption: Row): Candidate {
  const [tl, tr, br, bl] = plate.corners;
  const middle: Point = [(bl[0] + br[0]) / 2, (bl[1] + br[1]) / 2];
  const slope = (br[1] - bl[1]) / Math.max(1, br[0] - bl[0]);
  const wanted = caption.cy + caption.height * 0.75;
  const missing = wanted - (middle[1] + slope * (caption.cx - middle[0]));
  if (missing <= 0) return plate;
  const side = Math.max(1, (bl[1] + br[1] - tl[1] - tr[1]) / 2);
  const longer = (top: Point, bottom: Point): Point => [
    bottom[0] + ((bottom[0] - top[0]) * missing) / side,
    bottom[1] + ((bottom[1] - top[1]) * missing) / side,
  ];
  const corners: Corners = [tl, tr, longer(tr, br), longer(tl, bl)];
  return { ...plate, corners, box: boxOf(corners) };
}
