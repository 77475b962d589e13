/**
 * OpenCV built for this machine, when somebody installed `@u4/opencv4nodejs`: the two steps that cost the locator most then
 * run several times faster. Not needed, and never downloaded or built by us.
 */
import { createRequire } from 'node:module';

/** What we use of it; its own types would make it a dependency. */
interface NativeMat {
  adaptiveThreshold(most: number, method: number, type: number, block: number, offset: number): NativeMat;
  connectedComponentsWithStats(connectivity: number, labelType: number): { readonly stats: NativeMat };
  getData(): Buffer;
}
interface NativeOpenCv {
  readonly Mat: new (data: Buffer, rows: number, columns: number, type: number) => NativeMat;
  readonly CV_8UC1: number;
  readonly CV_32S: number;
  readonly ADAPTIVE_THRESH_MEAN_C: number;
  readonly THRESH_BINARY: number;
  readonly THRESH_BINARY_INV: number;
}

export interface Threshold {
  readonly block: number;
  readonly offset: number;
  readonly lightInk: boolean;
}

/** Connected components after an adaptive threshold: rows of left, top, width, height, area; the first is the background. */
export type NativeComponents = (
  grey: { readonly data: Uint8Array; readonly width: number; readonly height: number },
  threshold: Threshold,
) => Int32Array;

function load(): NativeComponents | null {
  let cv: NativeOpenCv;
  // It greets on standard output, which belongs to whoever reads the results there.
  const write = process.stdout.write.bind(process.stdout);
  process.stdout.write = process.stderr.write.bind(process.stderr);
  try {
    // Keeps it from trying to build an OpenCV of its own.
    process.env['OPENCV4NODEJS_DISABLE_AUTOBUILD'] ??= '1';
    cv = createRequire(import.meta.url)('@u4/opencv4nodejs') as NativeOpenCv;
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code !== 'MODULE_NOT_FOUND') {
      process.emitWarning(
        `@u4/opencv4nodejs is installed but cannot be used (${message}); OpenCV runs as WebAssembly.`,
      );
    }
    return null;
  } finally {
    process.stdout.write = write;
  }
  return ({ data, width, height }, { block, offset, lightInk }) => {
    const grey = new cv.Mat(Buffer.from(data.buffer, data.byteOffset, data.byteLength), height, width, cv.CV_8UC1);
    const type = lightInk ? cv.THRESH_BINARY : cv.THRESH_BINARY_INV;
    const binary = grey.adaptiveThreshold(255, cv.ADAPTIVE_THRESH_MEAN_C, type, block, lightInk ? -offset : offset);
    const stats = binary.connectedComponentsWithStats(8, cv.CV_32S).stats.getData();
    return new Int32Array(stats.buffer, stats.byteOffset, stats.byteLength / 4).slice();
  };
}

/** Null where it is not installed, which is the rule. */
export const nativeComponents: NativeComponents | null = load();
