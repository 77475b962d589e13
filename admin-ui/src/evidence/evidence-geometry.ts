/** Where a picture stands in its viewer. A view maps pixels of the picture to pixels of the screen: `screen = picture × scale + offset`. */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface View {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

export type Place = readonly [x: number, y: number];

/** Screen pixels that one pixel of the picture may fill. */
export const MAX_SCALE = 24;

/** The whole picture, centred. */
export function fitView(picture: Size, frame: Size): View {
  if (picture.width === 0 || picture.height === 0) return { scale: 1, x: 0, y: 0 };
  const scale = Math.min(frame.width / picture.width, frame.height / picture.height);
  return {
    scale,
    x: (frame.width - picture.width * scale) / 2,
    y: (frame.height - picture.height * scale) / 2,
  };
}

/** Keeps the picture in sight: centred along a side that it does not fill, its edges outside the frame otherwise. */
export function keepInSight(view: View, picture: Size, frame: Size): View {
  const along = (offset: number, length: number, room: number): number => {
    const drawn = length * view.scale;
    return drawn <= room ? (room - drawn) / 2 : Math.min(0, Math.max(room - drawn, offset));
  };
  return {
    scale: view.scale,
    x: along(view.x, picture.width, frame.width),
    y: along(view.y, picture.height, frame.height),
  };
}

/** Zooms so that the pixel under `at` (screen) stays there. */
export function zoomAt(view: View, factor: number, at: Place, picture: Size, frame: Size): View {
  const smallest = fitView(picture, frame).scale;
  const scale = Math.min(Math.max(view.scale * factor, smallest), Math.max(MAX_SCALE, smallest));
  const ratio = scale / view.scale;
  return keepInSight(
    { scale, x: at[0] - (at[0] - view.x) * ratio, y: at[1] - (at[1] - view.y) * ratio },
    picture,
    frame,
  );
}

/** A box of the picture in the middle, taking up about `share` of the frame. */
export function viewOfBox(
  box: readonly [number, number, number, number],
  picture: Size,
  frame: Size,
  share = 0.55,
): View {
  const [x, y, width, height] = box;
  const wanted = Math.min((frame.width * share) / Math.max(width, 1), (frame.height * share) / Math.max(height, 1));
  const scale = Math.min(MAX_SCALE, Math.max(wanted, fitView(picture, frame).scale));
  return keepInSight(
    { scale, x: frame.width / 2 - (x + width / 2) * scale, y: frame.height / 2 - (y + height / 2) * scale },
    picture,
    frame,
  );
}

/** The outline of the plate on screen: its four corners, or its box where they are missing; nothing where nobody knows. */
export function outline(
  box: readonly [number, number, number, number] | null,
  corners: readonly Place[] | null,
  view: View,
): readonly Place[] {
  if (box === null) return [];
  const [x, y, width, height] = box;
  const points: readonly Place[] =
    corners?.length === 4
      ? corners
      : [
          [x, y],
          [x + width, y],
          [x + width, y + height],
          [x, y + height],
        ];
  return points.map(([px, py]) => [px * view.scale + view.x, py * view.scale + view.y]);
}

/** For the `points` of an SVG polygon. */
export function pointList(points: readonly Place[]): string {
  return points.map(([x, y]) => `${x.toFixed(2)},${y.toFixed(2)}`).join(' ');
}
