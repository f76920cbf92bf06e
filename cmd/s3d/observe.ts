import type { Observation } from "../../lib/gate/s3/needs.ts";
import type { Metrics } from "../../lib/watch/metrics.ts";

const seconds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5, 30];

/** Counts requests by operation and status, errors by code, and how long answers took. */
export function observeRequests(metrics: Metrics): (what: Observation) => void {
  const requests = metrics.counter("holdfast_s3_requests_total", "Answered S3 requests.", [
    "operation",
    "status",
  ]);
  const errors = metrics.counter("holdfast_s3_errors_total", "S3 answers with an error.", ["code"]);
  const duration = metrics.histogram(
    "holdfast_s3_request_seconds",
    "From the request's head to the answer's.",
    seconds,
    ["operation"],
  );
  return ({ operation, status, error, ms }) => {
    requests.add(1, operation || "none", String(status));
    if (error !== "") errors.add(1, error);
    duration.observe(ms / 1000, operation || "none");
  };
}
