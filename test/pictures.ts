/** Small pictures for tests; each number gives other bytes (JPEG would make neighbours alike). */
import sharp from 'sharp';

export async function picture(n: number, width = 64, height = 48): Promise<Buffer> {
  const background = { r: n % 256, g: Math.floor(n / 256) % 256, b: 90 };
  return sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toBuffer();
}
