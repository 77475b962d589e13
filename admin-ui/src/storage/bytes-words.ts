/** Amounts of storage as people say them: `412 MB`, `3.6 GB`. */
import { useI18n } from 'vue-i18n';

const UNITS = [
  [1e12, 'terabyte'],
  [1e9, 'gigabyte'],
  [1e6, 'megabyte'],
  [1e3, 'kilobyte'],
] as const;

export function useBytesWords(): (bytes: number) => string {
  const { n } = useI18n();
  return (bytes) => {
    const [size, unit] = UNITS.find(([size]) => bytes >= size) ?? ([1, 'byte'] as const);
    const amount = bytes / size;
    return n(amount, {
      style: 'unit',
      unit,
      unitDisplay: 'short',
      maximumFractionDigits: amount < 10 && size > 1 ? 1 : 0,
    });
  };
}
