/** Made-up reads for load: every one another plate. Shared by the generator and by what it is compared with. */
const LETTERS = Array.from('กขคฆงจฉชฌญฎฐฒณดตถทธนบปผพภมยรลวศษสหฬอฮ');

/** Another plate for each number below 13 million; neighbours are unlike each other. */
export function plateOf(number: number): string {
  const mixed = (number * 7_368_787) % 12_996_000;
  const letter = (value: number): string => LETTERS[value % LETTERS.length] ?? 'ก';
  return `${1 + (mixed % 9)}${letter(mixed)}${letter(Math.floor(mixed / 38))}${1000 + (Math.floor(mixed / 1444) % 9000)}`;
}

export const PROVINCE = 'กรุงเทพมหานคร';

/** A JPEG of its own: the same picture with a comment that only it has. @param jpeg begins with its SOI mark */
export function ownPicture(jpeg: Uint8Array, number: number): Buffer {
  const text = Buffer.from(`picture ${number}`);
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xfe, 0, text.length + 2]);
  return Buffer.concat([head, text, jpeg.subarray(2)]);
}
