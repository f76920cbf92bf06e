import { refuse } from "../../proto/s3/error.ts";
import { emptyDocument, ownerPays } from "../../proto/s3/unset.ts";
import { xmlAnswer, type Handler } from "./call.ts";

/** Answers for configurations that this server does not take: nothing is configured, which is the truth, and
 *  what tools that look at a whole bucket want to read. */
const empty =
  (root: string): Handler =>
  async () =>
    xmlAnswer(emptyDocument(root));

export const getLogging = empty("BucketLoggingStatus");
export const getAccelerate = empty("AccelerateConfiguration");
export const getRequestPayment: Handler = async () => xmlAnswer(ownerPays());

export const getWebsite: Handler = async () =>
  refuse("NoSuchWebsiteConfiguration", "The specified bucket does not have a website configuration");
