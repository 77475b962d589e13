/** How many letters stand side by side: Thai vowels and tones above and below take no place. */
export const letters = (text: string): number => text.replace(/\p{M}/gu, '').length;
