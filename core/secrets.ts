/** Seals what must not lie in the database in the clear: AES-256-GCM under a key that lives in the data folder. */
export interface SecretBox {
  seal(plain: string): string;
  /** @throws internal when the sealed text was made under another key or was changed. */
  open(sealed: string): string;
  /** A lasting random value by name, e.g. for Node-RED's credentials. */
  named(name: string): string;
}
