import { fail, ok, type Result } from "../../base/result.ts";
import type { Opened, Opening, RunHow } from "../../proto/ftp/asks.ts";
import type { Files } from "../../store/files.ts";
import { openDownload } from "./download.ts";
import { openListing } from "./listing.ts";
import type { Pacer } from "../file-door.ts";
import type { Direction } from "../file-tally.ts";
import type { DataConnections, DataLink, FtpNeeds } from "./needs.ts";
import { pacedLink } from "./paced-link.ts";
import { openUpload, type PartialUploads } from "./upload.ts";
import type { Movement, Moving } from "./movement.ts";

/** The one transfer of a control connection: opened, met, moved. */
export class TransferDesk {
  readonly #needs: FtpNeeds;
  readonly #data: DataConnections;
  readonly #partial: PartialUploads;
  #movement: Movement | undefined;
  #link: DataLink | undefined;
  #aborted = false;
  readonly moving: Moving = { bytes: 0 };
  /** All that was moved before. */
  readonly moved = { in: 0, out: 0 };
  /** What was last opened. */
  opening: Opening | undefined;

  constructor(needs: FtpNeeds, data: DataConnections, partial: PartialUploads) {
    this.#needs = needs;
    this.#data = data;
    this.#partial = partial;
  }

  async open(files: Files, opening: Opening): Promise<Result<Opened>> {
    this.#aborted = false;
    this.moving.bytes = 0;
    this.opening = opening;
    const opened = await this.#openIt(files, opening);
    if (!opened.ok) return opened;
    this.#movement = opened.value;
    return ok(opened.value.told);
  }

  #openIt(files: Files, opening: Opening): Promise<Result<Movement>> {
    const { clock, entropy } = this.#needs;
    if (opening.to === "retrieve") return openDownload(files, opening);
    if (opening.to === "list") return openListing(files, opening, clock.wall());
    return openUpload(files, opening, this.#partial, entropy);
  }

  async meet(secure: boolean): Promise<Result<void>> {
    const met = this.#aborted ? cancelled : await this.#data.meet(secure);
    if (met.ok && !this.#aborted) {
      this.#link = met.value;
      return ok();
    }
    if (met.ok) met.value.cut();
    await this.#forget();
    return this.#aborted ? cancelled : (met as Result<never>);
  }

  /** `pacer`: what holds the user back that way. */
  async run(
    { ascii, deflate }: RunHow,
    pacer: (direction: Direction) => Pacer | undefined,
  ): Promise<Result<{ bytes: number }>> {
    const [movement, plain] = [this.#movement, this.#link];
    if (!movement || !plain) return cancelled;
    const pace = pacer(movement.direction);
    const paced = pace ? pacedLink(plain, pace) : plain;
    const link = deflate === undefined ? paced : this.#needs.deflated(paced, deflate);
    const done = this.#aborted ? cancelled : await movement.run(link, this.moving, ascii);
    if (!done.ok) link.cut();
    this.#movement = undefined;
    this.#link = undefined;
    this.moved[movement.direction] += this.moving.bytes;
    const outcome = done.ok ? "ok" : done.fault.code;
    this.#needs.tally.transfer(movement.direction, this.moving.bytes, outcome);
    return done.ok ? ok({ bytes: this.moving.bytes }) : done;
  }

  /** ABOR, or the control connection is gone. */
  abort(): void {
    this.#aborted = true;
    this.#link?.cut();
    this.#data.close();
  }

  async #forget(): Promise<void> {
    const movement = this.#movement;
    this.#movement = undefined;
    await movement?.forget();
  }
}

const cancelled: Result<never> = fail("cancelled", "the transfer was aborted");
