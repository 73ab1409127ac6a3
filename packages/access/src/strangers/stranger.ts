/** A credential that nobody here knows, by its SHA-256 too, and where it comes from. */
export interface Stranger {
  readonly credential: string;
  readonly digest: string;
  readonly address: string;
}
