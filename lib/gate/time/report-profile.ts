/** How well a clock must be traceable to UTC, and who asks for it. */
export interface ReportProfile {
  readonly name: string;
  /** Seconds of divergence from UTC, everything that could be wrong included. */
  readonly limit: number;
  /** Whose rule has this figure. For orientation; what binds whom is for lawyers. */
  readonly asked: string;
}

export const reportProfiles: readonly ReportProfile[] = [
  {
    name: "100us",
    limit: 100e-6,
    asked: "MiFID II RTS 25 for high-frequency trading and fast venues; CAT for exchanges",
  },
  { name: "1ms", limit: 1e-3, asked: "MiFID II RTS 25 for other automated trading" },
  { name: "50ms", limit: 50e-3, asked: "FINRA 4590 and 6820 (CAT) for members' clocks" },
  { name: "1s", limit: 1, asked: "FINRA 4590 for manual orders; MiFID II RTS 25 for voice trading" },
];
