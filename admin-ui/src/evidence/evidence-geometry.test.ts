import { describe, expect, test } from '@jest/globals';
import { fitView, MAX_SCALE, outline, pointList, viewOfBox, zoomAt } from './evidence-geometry.ts';

const picture = { width: 1600, height: 900 };
const frame = { width: 800, height: 600 };

describe('a view', () => {
  test('fits the whole picture in the middle', () => {
    expect(fitView(picture, frame)).toEqual({ scale: 0.5, x: 0, y: 75 });
  });

  test('keeps the pixel under the pointer while it zooms', () => {
    const from = zoomAt(fitView(picture, frame), 4, [400, 300], picture, frame);
    const at = [250, 200] as const;
    const before = [(at[0] - from.x) / from.scale, (at[1] - from.y) / from.scale];
    const to = zoomAt(from, 1.5, at, picture, frame);
    expect(to.scale).toBeCloseTo(from.scale * 1.5);
    expect((at[0] - to.x) / to.scale).toBeCloseTo(before[0] ?? 0);
    expect((at[1] - to.y) / to.scale).toBeCloseTo(before[1] ?? 0);
  });

  test('never shrinks below the whole picture nor grows past the last pixel', () => {
    const fit = fitView(picture, frame);
    expect(zoomAt(fit, 0.1, [0, 0], picture, frame)).toEqual(fit);
    expect(zoomAt(fit, 1e6, [400, 300], picture, frame).scale).toBe(MAX_SCALE);
  });

  test('goes to a plate and leaves no empty edge beside a plate in the corner', () => {
    const view = viewOfBox([1500, 850, 80, 40], picture, frame);
    expect(view.x).toBeCloseTo(frame.width - picture.width * view.scale);
    expect(view.y).toBeCloseTo(frame.height - picture.height * view.scale);
    expect(view.scale).toBeGreaterThan(1);
  });
});

describe('the outline', () => {
  const corners = [
    [100, 100],
    [300, 110],
    [300, 200],
    [100, 190],
  ] as const;

  test('lies on the corners at any zoom', () => {
    const view = zoomAt(fitView(picture, frame), 7.3, [123, 300], picture, frame);
    const points = outline([100, 100, 200, 100], corners, view);
    points.forEach(([x, y], at) => {
      expect((x - view.x) / view.scale).toBeCloseTo(corners[at]?.[0] ?? 0);
      expect((y - view.y) / view.scale).toBeCloseTo(corners[at]?.[1] ?? 0);
    });
  });

  test('falls back to the box', () => {
    expect(pointList(outline([10, 20, 30, 40], [], { scale: 2, x: 1, y: 0 }))).toBe(
      '21.00,40.00 81.00,40.00 81.00,120.00 21.00,120.00',
    );
  });
});
