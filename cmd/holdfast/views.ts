/** What the admin API answers, as far as the command line reads it. */
export interface PageOf<T> {
  readonly rows: readonly T[];
  readonly next: string | null;
}

export interface UserView {
  readonly name: string;
  readonly role: string;
  readonly groups: readonly string[];
  readonly home: { readonly bucket: string; readonly prefix: string } | null;
  readonly disabled: boolean;
  readonly expiresAt: string | null;
  readonly createdAt: string;
}

export interface KeyView {
  readonly id: string;
  readonly disabled: boolean;
  readonly expiresAt: string | null;
  readonly createdAt: string;
}

export interface TokenView {
  readonly id: string;
  readonly label: string;
  readonly expiresAt: string | null;
  readonly createdAt: string;
}

export interface GrantView {
  readonly id: string;
  readonly effect: string;
  readonly who: { readonly user?: string; readonly group?: string; readonly everyone?: true };
  readonly verbs: readonly string[];
  readonly bucket: string;
  readonly prefix: string;
}

export interface BucketView {
  readonly name: string;
  readonly owner: string;
  readonly versioning: string;
  readonly quota: { readonly bytes: number | null; readonly objects: number | null };
  readonly usage: { readonly bytes: number; readonly objects: number };
  readonly createdAt: string;
}

export interface EventView {
  readonly seq: number;
  readonly at: string;
  readonly kind: string;
  readonly bucket: string;
  readonly subject: string;
  readonly size: number;
  readonly by: string;
  readonly door: string;
}

export interface StatusView {
  readonly service: string;
  readonly version: string;
  readonly pid: number;
  readonly startedAt: string;
  readonly now: string;
  readonly ready: boolean;
  readonly waiting: readonly { readonly part: string; readonly reason: string }[];
  readonly listening: readonly { readonly name: string; readonly address: string }[];
}
