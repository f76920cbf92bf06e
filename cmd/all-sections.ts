import type { Section } from "../lib/config/section.ts";
import type { Daemon } from "./daemons.ts";
import { sections as ftpd } from "./ftpd/config.ts";
import { houseSections } from "./house-sections.ts";
import { sections as s3d } from "./s3d/config.ts";
import { sections as smbd } from "./smbd/config.ts";
import { sections as utcd } from "./utcd/config.ts";

/** All settings of a daemon, the house's first: for the manuals, and for whoever checks a file of another. */
export const allSections = (daemon: Daemon): readonly Section[] => [
  ...houseSections(daemon),
  ...ownSections[daemon],
];

const ownSections: Readonly<Record<Daemon, readonly Section[]>> = { s3d, ftpd, smbd, utcd };
