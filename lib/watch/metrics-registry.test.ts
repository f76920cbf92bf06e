import { expect, test } from "bun:test";
import { longestSeries, metricsRegistry } from "./metrics-registry.ts";
import { addProcessMetrics } from "./process-metrics.ts";

test("counters, gauges and histograms in Prometheus's text", () => {
  const metrics = metricsRegistry();
  const requests = metrics.counter("holdfast_requests_total", "Requests.", ["door", "outcome"]);
  requests.add(1, "ftp", "ok");
  requests.add(2, "s3", 'a "quoted\\" \n name');
  requests.add(3, "ftp", "ok");
  metrics.gauge("holdfast_sessions", "Open sessions.\nNow.").set(7);
  const seconds = metrics.histogram("holdfast_request_seconds", "How long.", [0.1, 1]);
  for (const value of [0.05, 0.1, 0.5, 9]) seconds.observe(value);
  metrics.observed("holdfast_up", "Read when asked.", () => 1);
  expect(metrics.text()).toBe(`# HELP holdfast_requests_total Requests.
# TYPE holdfast_requests_total counter
holdfast_requests_total{door="ftp",outcome="ok"} 4
holdfast_requests_total{door="s3",outcome="a \\"quoted\\\\\\" \\n name"} 2
# HELP holdfast_sessions Open sessions.\\nNow.
# TYPE holdfast_sessions gauge
holdfast_sessions 7
# HELP holdfast_request_seconds How long.
# TYPE holdfast_request_seconds histogram
holdfast_request_seconds_bucket{le="0.1"} 2
holdfast_request_seconds_bucket{le="1"} 3
holdfast_request_seconds_bucket{le="+Inf"} 4
holdfast_request_seconds_sum 9.65
holdfast_request_seconds_count 4
# HELP holdfast_up Read when asked.
# TYPE holdfast_up gauge
holdfast_up 1
`);
});

test("a metric without labels is there from the start", () => {
  const metrics = metricsRegistry();
  metrics.counter("holdfast_errors_total", "Errors.");
  expect(metrics.text()).toContain("\nholdfast_errors_total 0\n");
});

test("the same metric asked for twice is one", () => {
  const metrics = metricsRegistry();
  metrics.counter("holdfast_a_total", "A.").add(1);
  metrics.counter("holdfast_a_total", "A.").add(1);
  expect(metrics.text()).toContain("\nholdfast_a_total 2\n");
  expect(() => metrics.histogram("holdfast_a_total", "A.", [1])).toThrow();
});

test("label values of a client's making do not grow without end", () => {
  const metrics = metricsRegistry();
  const counter = metrics.counter("holdfast_names_total", "Names.", ["name"]);
  for (let i = 0; i < longestSeries + 500; i++) counter.add(1, `name-${i}`);
  const rows = metrics
    .text()
    .split("\n")
    .filter((line) => line.startsWith("holdfast_names_total{"));
  expect(rows).toHaveLength(longestSeries + 1);
  expect(rows.at(-1)).toBe('holdfast_names_total{name="other"} 500');
});

test("a label too few or too many is a bug", () => {
  const counter = metricsRegistry().counter("holdfast_b_total", "B.", ["door"]);
  expect(() => counter.add(1)).toThrow("labels are door");
  expect(() => counter.add(1, "a", "b")).toThrow("labels are door");
});

test("the process and its build", () => {
  const metrics = metricsRegistry();
  addProcessMetrics(metrics, {
    daemon: "s3d",
    version: "1.2.3",
    commit: "abc",
    startedAtSeconds: 1000.5,
    cpuSeconds: () => 2.5,
    residentBytes: () => 4096,
    openDescriptors: () => 12,
  });
  const text = metrics.text();
  expect(text).toContain('holdfast_build_info{daemon="s3d",version="1.2.3",commit="abc"} 1');
  expect(text).toContain("# TYPE process_cpu_seconds_total counter\nprocess_cpu_seconds_total 2.5");
  expect(text).toContain("process_open_fds 12");
});
