/** What the pages read of the API's answers. */
export interface Rows<T> {
  readonly rows: readonly T[];
  readonly next: string | null;
}

export interface UserRow {
  readonly name: string;
  readonly role: string;
  readonly groups: readonly string[];
  readonly home: { readonly bucket: string; readonly prefix: string } | null;
  readonly disabled: boolean;
  readonly expiresAt: string | null;
  readonly createdAt: string;
}

export interface BucketRow {
  readonly name: string;
  readonly owner: string;
  readonly versioning: string;
  readonly quota: { readonly bytes: number | null; readonly objects: number | null };
  readonly usage: { readonly bytes: number; readonly objects: number };
  readonly createdAt: string;
}

export interface EventRow {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly bucket: string;
  readonly subject: string;
  readonly by: string;
  readonly door: string;
}

export interface StatusRow {
  readonly service: string;
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly now: string;
  readonly ready: boolean;
  readonly waiting: readonly { readonly part: string; readonly reason: string }[];
  readonly listening: readonly { readonly name: string; readonly address: string }[];
}

export interface GrantRow {
  readonly id: string;
  readonly effect: string;
  readonly who: { readonly user?: string; readonly group?: string; readonly everyone?: true };
  readonly verbs: readonly string[];
  readonly bucket: string;
  readonly prefix: string;
}

export interface KeyRow {
  readonly id: string;
  readonly disabled: boolean;
  readonly label?: string;
  readonly expiresAt: string | null;
  readonly createdAt: string;
}
