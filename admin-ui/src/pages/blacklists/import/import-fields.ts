import type { ImportField } from '../../../api/contract.ts';

/** In the order in which people think of an entry. */
export const FIELDS = [
  'plateNumber',
  'issuingEntity',
  'countryCode',
  'plateType',
  'reason',
  'category',
  'agency',
  'reference',
  'validFrom',
  'validTo',
  'reviewAt',
  'confidence',
  'notes',
] as const satisfies readonly ImportField[];

/** The word of a field; what is none of ours stands as it is. */
export function fieldText(t: (key: string) => string, field: string): string {
  return (FIELDS as readonly string[]).includes(field) ? t(`page.blacklists.field.${field}`) : field;
}
