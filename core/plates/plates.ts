/** What a plate is: canonical form, country profiles (Thai first), classes, provinces, confusables, distance. Pure. */

export interface Province {
  /** ISO 3166-2, or TH-95-BETONG. */
  readonly code: string;
  readonly nameTh: string;
  readonly nameEn: string;
  readonly abbreviationTh: string;
  readonly region: string;
}

export interface PlateClass {
  readonly id: string;
  readonly nameTh: string;
  readonly nameEn: string;
  /** Named colours: white, black, yellow, green, blue, red, orange, ... */
  readonly background: string;
  readonly text: string;
}

/** One way to understand a text. */
export interface ParsedPlate {
  readonly plateNumber: string;
  readonly series: string | null;
  readonly serial: string | null;
  readonly countryCode: string;
  readonly issuingEntity: string | null;
  readonly plateType: string | null;
  /** The format's name, e.g. `TH car, digit and two consonants`. */
  readonly format: string;
  /** 0..1, how well it fits, priors included. */
  readonly score: number;
  readonly reasons: readonly string[];
}
