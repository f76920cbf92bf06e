import { readFileSync, statSync } from "node:fs";
import { fail, ok, type Result } from "../../lib/base/result.ts";
import { TlsKeeper } from "../../lib/host/tls.ts";
import { readHost, siteOf, type Site } from "../../lib/rules/sites.ts";
import type { Book } from "../../lib/store/kept-book.ts";
import type { Log } from "../../lib/watch/log.ts";

/** The virtual hosts as they are now, with their certificates and how many are in. */
export class SiteBook {
  readonly #book: Book<Omit<Site, "name">>;
  readonly #own: TlsKeeper;
  readonly #log: Log;
  readonly #inside = new Map<string, number>();
  readonly #keepers = new Map<string, { readonly stamp: string; readonly keeper: TlsKeeper }>();

  /** `own`: the daemon's certificate, for who names no site. */
  constructor(book: Book<Omit<Site, "name">>, own: TlsKeeper, log: Log) {
    this.#book = book;
    this.#own = own;
    this.#log = log;
  }

  /** By a host name, or an address. Faults: bad-name, not-found. */
  named(text: string): Result<Site> {
    const host = readHost(text);
    if (host === undefined) return fail("bad-name", "that is no host's name");
    const site = siteOf(this.#sites(), host);
    return site ? ok(site) : fail("not-found", "that host is not served here");
  }

  /** Whom an address of ours means, if anybody. */
  at(address: string): Site | undefined {
    return siteOf(this.#sites(), address);
  }

  #sites(): Site[] {
    return [...this.#book.book()].map(([name, site]) => ({ ...site, name }));
  }

  /** One more session; gives what ends it. Faults: too-many. */
  enter({ name, sessions }: Site): Result<() => void> {
    const inside = this.#inside.get(name) ?? 0;
    if (sessions !== undefined && inside >= sessions) return fail("too-many", "the site is full");
    this.#inside.set(name, inside + 1);
    return ok(() => void this.#inside.set(name, (this.#inside.get(name) ?? 1) - 1));
  }

  /** The certificate that a site shows; the daemon's own where its files cannot be used. They are read again
   *  when they change. */
  keeperOf(site: Site | undefined): TlsKeeper {
    const { certificate, certificateKey } = site ?? {};
    if (!site || certificate === undefined || certificateKey === undefined) return this.#own;
    try {
      const stamp = [certificate, certificateKey]
        .map((path) => `${path} ${statSync(path).mtimeMs}`)
        .join(" ");
      const known = this.#keepers.get(site.name);
      if (known?.stamp === stamp) return known.keeper;
      const [cert, key] = [readFileSync(certificate, "utf8"), readFileSync(certificateKey, "utf8")];
      const keeper = this.#own.withOwn(cert, key);
      keeper.context();
      this.#keepers.set(site.name, { stamp, keeper });
      return keeper;
    } catch (error) {
      this.#log.error("a site's certificate cannot be used", {
        site: site.name,
        what: (error as Error).message,
      });
      return this.#own;
    }
  }
}
